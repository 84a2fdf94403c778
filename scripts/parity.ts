/**
 * Compares this project with the real clients: their own code beside our modules, and the real `kimi` of
 * each beside the real opencode with the plugin. kimi-cli needs Python >= 3.12, and PyPI and npm the
 * first time; kimi-code needs npm.
 *
 * `--client NAME` compares one of them. `--release VERSION` takes another release of it than the pinned
 * one. `--write` makes its golden data in `tests/data/` anew. Exits with 1 if anything differs that
 * should not, and with 2 if a client cannot run here.
 */
import { type ParityArgs, parseArgs } from "./parity/args.ts";
import { SUITES } from "./parity/suites.ts";
import { printEnd, startRun } from "./parity/run.ts";
import { write } from "./shared/write.ts";

async function main(given: readonly string[]): Promise<number> {
  const args = parseArgs(given);
  if (typeof args === "string") {
    write(`${args}\n`);
    return 1;
  }
  const codes: number[] = [];
  for (const client of args.clients) codes.push(await runSuite(client, args));
  return Math.max(...codes);
}

async function runSuite(client: ParityArgs["clients"][number], args: ParityArgs): Promise<number> {
  const home = await Deno.makeTempDir({ prefix: "kimi-parity-" });
  try {
    const run = startRun(client, home);
    const missing = await SUITES[client](run, args);
    if (missing === undefined) return printEnd(run) ? 0 : 1;
    write(`There is ${missing}: ${client} cannot run, and was not compared\n`);
    return 2;
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
