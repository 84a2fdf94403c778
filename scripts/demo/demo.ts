/**
 * Shows login, question and answer in a real opencode, against a fake Kimi on this machine: it needs no
 * account and asks nothing. Exits with 1 if a contract is broken.
 */
import { CHECKS } from "../../tests/support/opencode/checks.ts";
import { openStage, type Step, travel } from "../../tests/support/opencode/journey.ts";
import { opencodeProgram } from "../../tests/support/tools.ts";
import { buildNpm, packNpm } from "../build_npm.ts";
import { write } from "../shared/write.ts";

const VERSION = "1.18.33";

const COLOURS = Deno.stdout.isTerminal() && !Deno.noColor;
const bold = colour(1);
const dim = colour(2);
const red = colour(31);
const green = colour(32);

const step: Step = async (title, work, tell) => {
  const started = performance.now();
  write(`  ${title} … `);
  const result = await work();
  write(dim(`${((performance.now() - started) / 1000).toFixed(1)} s`) + "\n");
  for (const line of tell(result)) write(`      ${dim(line)}\n`);
  return result;
};

async function demo(): Promise<boolean> {
  write(bold("Kimi For Coding in opencode, against a fake Kimi on this machine\n\n"));
  const { dir } = await step(
    "build the npm package",
    () => buildNpm(),
    ({ version }) => [`opencode-kimi-full ${version}`],
  );
  await step(
    `install opencode ${VERSION} into .cache/`,
    () => opencodeProgram(VERSION),
    () => [],
  );
  const into = await Deno.makeTempDir({ prefix: "kimi-demo-" });
  try {
    const tarball = await step("pack it", () => packNpm(dir, into), () => []);
    await using stage = await openStage(VERSION, `opencode-kimi-full@file:${tarball}`);
    const journey = await travel(stage, step);
    write(bold("\nThe contracts of AGENTS.md, by their numbers\n\n"));
    const faults = CHECKS.map((check) => report(check, check.faults(journey)));
    return faults.every((count) => count === 0);
  } finally {
    await Deno.remove(into, { recursive: true });
  }
}

function report({ contract, holds }: typeof CHECKS[number], faults: readonly string[]): number {
  const mark = faults.length === 0 ? green("✓") : red("✗");
  write(`  ${mark} ${String(contract).padStart(2)}  ${holds}\n`);
  for (const fault of faults) write(`        ${red(fault)}\n`);
  return faults.length;
}

function colour(code: number): (text: string) => string {
  return (text) => COLOURS ? `\x1b[${code}m${text}\x1b[0m` : text;
}

if (import.meta.main) {
  const started = performance.now();
  const kept = await demo().catch((error) => {
    write(`\n${red(String(error instanceof Error ? error.message : error))}\n`);
    return false;
  });
  const took = ((performance.now() - started) / 1000).toFixed(0);
  write(
    kept ? `\n${bold("All contracts hold")}, ${took} s\n` : `\n${red("A contract is broken")}\n`,
  );
  Deno.exit(kept ? 0 : 1);
}
