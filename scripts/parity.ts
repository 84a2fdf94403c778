/**
 * Compares this project with the real kimi-cli: its own code beside our modules, and the real `kimi`
 * beside the real opencode with the plugin. Needs Python >= 3.12, and PyPI and npm the first time.
 *
 * `--write` makes `tests/data/golden/` anew. Ends with 1 where anything differs that is not meant to,
 * and with 2 where there is no Python.
 *
 * @module
 */
import { KIMI_CLI_VERSION } from "../lib/kimi/identity/constants.ts";
import { compareModules } from "./parity/modules.ts";
import { findPython, installKimiCli, type KimiCli, NO_PYTHON } from "./parity/python.ts";
import { printDeviations, printTotal } from "./parity/report.ts";
import { type Run, startRun } from "./parity/run.ts";
import { compareWire } from "./parity/side_by_side.ts";
import { OPENCODE_VERSION } from "./parity/wire.ts";
import { write } from "./shared/write.ts";

async function compare(kimi: KimiCli, isWriting: boolean): Promise<Run> {
  const home = await Deno.makeTempDir({ prefix: "kimi-parity-" });
  try {
    const run = startRun(kimi, home);
    write(`kimi-cli ${KIMI_CLI_VERSION}'s own code beside our modules:\n\n`);
    await compareModules(run, isWriting);
    write(`\nThe real kimi beside opencode ${OPENCODE_VERSION} with the plugin, as received:\n\n`);
    await compareWire(run);
    return run;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== "--write");
  if (unknown.length > 0) {
    write(`Unknown argument ${unknown.join(" ")}; the only one is --write\n`);
    return 1;
  }
  const python = await findPython();
  if (python === undefined) {
    write(`There is ${NO_PYTHON}: kimi-cli ${KIMI_CLI_VERSION} cannot run, nothing was compared\n`);
    return 2;
  }
  const kimi = await installKimiCli(python, write);
  const run = await compare(kimi, args.includes("--write"));
  printDeviations(run.met);
  printTotal(run.checks);
  return run.checks.every(({ unequal }) => unequal.length === 0) ? 0 : 1;
}

if (import.meta.main) {
  const code = await main(Deno.args).catch((error) => {
    write(`\nThe comparison broke off: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  });
  Deno.exit(code);
}
