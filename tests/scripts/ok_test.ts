import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Part, PARTS, runParts } from "../../scripts/ok.ts";

const GIVEN: readonly Part[] = [["do one", "one"], ["do two", "two", "-x"], ["do three", "three"]];

async function ran(failing?: string) {
  const calls: string[] = [];
  let text = "";
  const deno = (args: readonly string[]) => {
    calls.push(args.join(" "));
    return Promise.resolve(args[0] === failing ? 1 : 0);
  };
  const isWell = await runParts(GIVEN, deno, (part) => void (text += part));
  return { isWell, calls, text };
}

Deno.test("runParts() runs all parts, and ends with a line for each and its seconds", async () => {
  const { isWell, calls, text } = await ran();
  assertEquals([isWell, calls], [true, ["one", "two -x", "three"]]);
  assertMatch(text, /\n\[2\/3\] do two: deno two -x\n/);
  assertMatch(
    text,
    /\n {2}✓ do one +\d\.\d s\n {2}✓ do two +\d\.\d s\n {2}✓ do three +\d\.\d s\n$/,
  );
});

Deno.test("runParts() stops at the first part that fails", async () => {
  const { isWell, calls, text } = await ran("two");
  assertEquals([isWell, calls], [false, ["one", "two -x"]]);
  assertMatch(text, /\n {2}✓ do one +\d\.\d s\n {2}✗ do two +\d\.\d s\n$/);
});

Deno.test("deno task ok has all parts, and checks the documentation of every entry point", () => {
  const commands = PARTS.map(([, ...args]) => args.join(" "));
  for (const command of ["fmt --check", "lint", "check", "task test", "task build"]) {
    assert(commands.includes(command), command);
  }
  assert(commands.includes("task check-package"));
  assert(commands.includes("publish --dry-run --allow-dirty"));
  const documented = commands.find((command) => command.startsWith("doc --lint")) ?? "";
  for (const path of ["mod.ts", "server.ts", "tui.ts", "login.ts", "doctor.ts", "usage.ts"]) {
    assert(documented.includes(path), path);
  }
});
