import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { ROOT } from "../support/source.ts";

const read = (path: string) => Deno.readTextFileSync(join(ROOT, path));
const guide = read("CONTRIBUTING.md");

Deno.test("CONTRIBUTING.md names existing tasks, and the Deno of .ci/run", () => {
  const { tasks } = JSON.parse(read("deno.json"));
  const named = [...guide.matchAll(/\btask ([a-z-]+)/g)].map(([, name = ""]) => name);
  assertEquals(named.filter((name) => !Object.hasOwn(tasks, name)), []);
  const versions = `${guide}${read(".ci/run")}`.match(/deno@[\d.]+\d/g);
  assertEquals(new Set(versions), new Set(["deno@2.9.6"]));
});

Deno.test("CONTRIBUTING.md links and names existing files, and other pages link to it", () => {
  const links = [...guide.matchAll(/\]\(\.\/([^)]+)\)/g)].map(([, path = ""]) => path);
  const files = [...guide.matchAll(/`((?:lib|tests|npm|\.github|\.ci)\/[^`\s]*)`/g)]
    .map(([, path = ""]) => path);
  assert(links.length > 1 && files.length > 3);
  for (const path of [...links, ...files]) assert(Deno.statSync(join(ROOT, path)), path);
  for (const path of ["README.md", "AGENTS.md"]) {
    assert(read(path).includes("](./CONTRIBUTING.md)"), path);
  }
});

Deno.test("CONTRIBUTING.md is short", () => {
  assert(guide.split("\n").length <= 120);
});
