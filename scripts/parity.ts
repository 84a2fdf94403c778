/**
 * Compares this project with the real kimi-cli: its own code beside our modules, and the real `kimi`
 * beside the real opencode with the plugin. Needs Python >= 3.12, and PyPI and npm the first time.
 *
 * `--write` makes `tests/data/golden/` anew. Exits with 1 if anything differs that should not, and with
 * 2 without a Python.
 */
import { KIMI_CLI_VERSION } from "../lib/kimi/identity/constants.ts";
import { findPython, installKimiCli, NO_PYTHON } from "../tests/support/kimi_cli.ts";
import { compareModules } from "./parity/modules/compare.ts";
import { printEnd, startRun } from "./parity/run.ts";
import { OPENCODE_VERSION } from "./parity/wire/clients.ts";
import { compareWire } from "./parity/wire/compare.ts";
import { write } from "./shared/write.ts";

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
  const home = await Deno.makeTempDir({ prefix: "kimi-parity-" });
  try {
    const run = startRun(kimi, home);
    write(`The code of kimi-cli ${KIMI_CLI_VERSION} beside our modules:\n\n`);
    await compareModules(run, args.includes("--write"));
    write(`\nThe real kimi beside opencode ${OPENCODE_VERSION} with the plugin, as received:\n\n`);
    await compareWire(run);
    return printEnd(run) ? 0 : 1;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

if (import.meta.main) {
  const code = await main(Deno.args).catch((error) => {
    write(`\nThe comparison stopped: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  });
  Deno.exit(code);
}
