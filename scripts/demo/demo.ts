/**
 * Shows login, question and answer in a real opencode, against a fake Kimi on this machine: it needs no
 * account and asks nothing. Exits with 1 if a promise is broken.
 *
 * `--keep` leaves the fake Kimi and opencode's home as they are until Ctrl-C, to go on by hand.
 */
import { parseArgs } from "node:util";
import { CHECKS } from "../../tests/support/opencode/checks.ts";
import { openStage, type Step, travel } from "../../tests/support/opencode/journey.ts";
import { opencodeProgram } from "../../tests/support/tools.ts";
import { buildNpm, packNpm } from "../build_npm.ts";
import { write } from "../shared/write.ts";
import { keep } from "./keep.ts";

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

const NEXT = `
Next:
  deno task demo --keep   go on by hand, with this opencode and this fake Kimi
  README.md               install the plugin, and log in with your own account
`;

async function demo(isKept: boolean): Promise<boolean> {
  write(bold("Kimi For Coding in opencode, against a fake Kimi on this machine\n"));
  write(dim("Accounts, addresses and codes are made up: there is nothing to open or to type\n\n"));
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
    const plugin = `opencode-kimi-full@file:${tarball}`;
    await using stage = await openStage(VERSION, plugin);
    const journey = await travel(stage, step);
    write(bold("\nWhat was checked in the requests and files\n\n"));
    const faults = CHECKS.map((check) => report(check, check.faults(journey)));
    const holds = faults.every((count) => count === 0);
    write(holds ? `\n${bold("All promises hold")}\n` : `\n${red("A promise is broken")}\n`);
    if (isKept) await keep(stage, plugin);
    else write(NEXT);
    return holds;
  } finally {
    await Deno.remove(into, { recursive: true });
  }
}

function report({ holds }: typeof CHECKS[number], faults: readonly string[]): number {
  const mark = faults.length === 0 ? green("✓") : red("✗");
  write(`  ${mark} ${holds}\n`);
  for (const fault of faults) write(`        ${red(fault)}\n`);
  return faults.length;
}

function colour(code: number): (text: string) => string {
  return (text) => COLOURS ? `\x1b[${code}m${text}\x1b[0m` : text;
}

if (import.meta.main) {
  const options = { keep: { type: "boolean", default: false } } as const;
  const holds = await Promise.try(() => parseArgs({ args: Deno.args, options }))
    .then(({ values }) => demo(values.keep))
    .catch((error) => {
      write(`\n${red(String(error instanceof Error ? error.message : error))}\n`);
      return false;
    });
  Deno.exit(holds ? 0 : 1);
}
