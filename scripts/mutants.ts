/**
 * Breaks the refresh path in many small ways, one at a time in a copy of the tree, and makes sure that the
 * tests notice each.
 *
 * `--only TEXT` runs those whose file or change contains it. Ends with 1 if a mutant survives.
 *
 * @module
 */

import { join } from "@std/path";
import { ROOT } from "../tests/support/source.ts";
import { type Mutant, MUTANTS, TESTS } from "./mutants/list.ts";

const COPIED = [
  "lib",
  "tests",
  "scripts",
  "docs",
  "npm/package.json",
  "mod.ts",
  "deno.json",
  "deno.lock",
];

const LIMIT_MS = 180_000;

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

async function passes(
  root: string,
  tests: readonly string[],
  isShown = false,
): Promise<boolean> {
  const args = ["test", "-A", "--no-check", "--parallel", "--quiet", "--fail-fast", ...tests];
  // A mutant that never ends is noticed too.
  const signal = AbortSignal.timeout(LIMIT_MS);
  const options = { args, cwd: root, stdout: "piped", stderr: "null", signal } as const;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), options).output();
  if (!success && isShown) Deno.stdout.writeSync(stdout);
  return success;
}

/** Returns what is wrong with a mutant; undefined if the tests notice it. */
async function survives(
  root: string,
  { file, from, to, tests }: Mutant,
): Promise<string | undefined> {
  const path = join(root, file);
  const text = await Deno.readTextFile(path);
  if (text.split(from).length !== 2) return `${from} does not occur once`;
  try {
    await Deno.writeTextFile(path, text.replace(from, () => to));
    return await passes(root, TESTS[tests]) ? "no test notices it" : undefined;
  } finally {
    await Deno.writeTextFile(path, text);
  }
}

function nameOf({ file, from, to }: Mutant): string {
  const change = [from, to].map((text) => text.replaceAll(/\s+/g, " ").trim());
  return `${file}: ${change[0]} -> ${change[1] || "nothing"}`;
}

async function main([flag, only = ""]: readonly string[]): Promise<number> {
  if (flag !== undefined && (flag !== "--only" || only === "")) {
    write("Usage: deno task mutants [--only TEXT]\n");
    return 1;
  }
  const mutants = MUTANTS.filter((mutant) => nameOf(mutant).includes(only));
  if (mutants.length === 0) {
    write(`no mutant contains ${only}\n`);
    return 1;
  }
  const root = await Deno.makeTempDir({ prefix: "kimi-mutants-" });
  try {
    await Deno.mkdir(join(root, "npm"));
    for (const name of COPIED) {
      const args = ["-R", join(ROOT, name), join(root, name)];
      await new Deno.Command("cp", { args }).output();
    }
    const subjects = [...new Set(mutants.map(({ tests }) => tests))];
    if (!await passes(root, subjects.flatMap((subject) => TESTS[subject]), true)) {
      write("the tests fail without any mutant\n");
      return 1;
    }
    let killed = 0;
    for (const mutant of mutants) {
      const problem = await survives(root, mutant);
      if (problem === undefined) killed++;
      write(
        `  ${problem === undefined ? "✓" : "✗"} ${nameOf(mutant)}${
          problem ? `: ${problem}` : ""
        }\n`,
      );
    }
    write(`${killed} of ${mutants.length} mutants killed\n`);
    return killed === mutants.length ? 0 : 1;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
