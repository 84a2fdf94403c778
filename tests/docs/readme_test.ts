import { assert, assertEquals } from "@std/assert";
import { DEVIATIONS } from "../../lib/kimi/deviations.ts";

const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
const agents = await Deno.readTextFile(new URL("../../AGENTS.md", import.meta.url));

Deno.test("the README names each deliberate deviation with its reason, and no other", () => {
  const table = readme.slice(readme.indexOf("| what deliberately differs"));
  const rows = table.slice(0, table.indexOf("\n\n")).split("\n").slice(2).map((line) =>
    line.split("|").map((cell) => cell.trim())
  );
  assertEquals(rows.map(([, what, why]) => ({ what, why })), [
    ...DEVIATIONS.map(({ what, why }) => ({ what, why })),
  ]);
});

Deno.test("each contract of AGENTS.md is named by a test", async () => {
  const numbers = [...agents.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number));
  assertEquals(numbers, Array.from({ length: 14 }, (_, index) => index + 1));
  const named = await contractsOf(new URL("../", import.meta.url));
  for (const number of numbers) assert(named.has(number), `contract ${number}`);
});

async function contractsOf(folder: URL): Promise<Set<number>> {
  const found = new Set<number>();
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory) { for (const number of await contractsOf(url)) found.add(number); }
    else if (entry.name.endsWith(".ts")) {
      const text = await Deno.readTextFile(url);
      for (const [, number] of text.matchAll(/["`(]contract (\d+):/g)) found.add(Number(number));
    }
  }
  return found;
}
