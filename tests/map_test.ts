/** The map in AGENTS.md is the tree. */

import { assertEquals } from "@std/assert";
import { codeSpans, readMarkdown, section, tableRows } from "./markdown.ts";
import { filesBelow } from "./source.ts";

/** Folders by the files that the map names in them; none where it names the folder alone. */
const MAP = new Map<string, string[]>();
for (const [folder = "", , files = ""] of tableRows(section(readMarkdown("AGENTS.md"), "Map"))) {
  const [path = ""] = codeSpans(folder);
  MAP.set(path, [...MAP.get(path) ?? [], ...codeSpans(files)]);
}

const TREE = Map.groupBy(
  ["lib", "scripts", "tests"].flatMap(filesBelow),
  // What lies deeper is known by the folder of the second level.
  (path) => path.split("/").slice(0, -1).slice(0, 2).join("/") + "/",
);

Deno.test("AGENTS.md's map names each folder, and no other", () => {
  assertEquals([...MAP.keys()].sort(), [...TREE.keys()].sort());
});

for (const [folder, named] of MAP) {
  if (named.length === 0) continue;
  Deno.test(`AGENTS.md's map names each file of ${folder}, once, and no other`, () => {
    const files = (TREE.get(folder) ?? []).map((path) => path.slice(folder.length));
    assertEquals(named.toSorted(), files.toSorted());
  });
}

Deno.test("AGENTS.md's map names the files of each room of lib/", () => {
  const rooms = [...TREE.keys()].filter((folder) => folder.startsWith("lib/"));
  assertEquals(rooms.filter((room) => (MAP.get(room) ?? []).length === 0), []);
});
