/**
 * Runs everything that must pass before a change is finished, one part after another, and stops at the
 * first that fails. Prints how long each part took. Exits with 1 if a part failed.
 */
import { fromFileUrl } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { ENTRIES } from "./entries.ts";
import { type Write, write } from "./shared/write.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** What a part does, and the arguments of `deno`. */
export type Part = readonly [does: string, ...args: readonly string[]];

const DOCUMENTED = [...Object.values(config.exports), ...ENTRIES.map(({ source }) => source)]
  .map((path) => path.replace(/^\.\//, ""));

export const PARTS: readonly Part[] = [
  ["check the formatting", "fmt", "--check"],
  ["lint", "lint"],
  ["check the types", "check"],
  ["check the documentation of entry points", "doc", "--lint", "--quiet", ...new Set(DOCUMENTED)],
  ["run the tests", "task", "test"],
  ["build the npm package", "task", "build"],
  ["check the npm package", "task", "check-package"],
  ["check what JSR would publish", "publish", "--dry-run", "--allow-dirty"],
];

/** Runs parts; `deno` runs one and returns its exit code. Returns whether all of them passed. */
export async function runParts(
  parts: readonly Part[],
  deno: (args: readonly string[]) => Promise<number>,
  write: Write,
): Promise<boolean> {
  const table: string[] = [];
  let isWell = true;
  for (const [index, [does, ...args]] of parts.entries()) {
    write(`\n[${index + 1}/${parts.length}] ${does}: deno ${args.join(" ")}\n\n`);
    const started = performance.now();
    isWell = await deno(args) === 0;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    table.push(`  ${isWell ? "✓" : "✗"} ${does.padEnd(44)} ${seconds.padStart(7)} s\n`);
    if (!isWell) break;
  }
  write(`\n${table.join("")}`);
  return isWell;
}

async function deno(args: readonly string[]): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, stdin: "null" });
  return (await command.spawn().status).code;
}

if (import.meta.main) Deno.exit(await runParts(PARTS, deno, write) ? 0 : 1);
