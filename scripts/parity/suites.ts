/** What is compared with each client. */

import { findPython, installKimiCli, NO_PYTHON } from "../../tests/support/clients/kimi_cli.ts";
import { installKimiCode, NO_NODE } from "../../tests/support/clients/kimi_code.ts";
import type { RealClient, RealClientName } from "../../tests/support/clients/real_client.ts";
import { defaultSettings } from "../../tests/support/fake/answers/defaults.ts";
import { startFakeKimi } from "../../tests/support/fake/kimi.ts";
import { write } from "../shared/write.ts";
import type { ParityArgs } from "./args.ts";
import { askKimiCode } from "./kimi_code/ask.ts";
import { compareKimiCode, compareSessions } from "./kimi_code/compare.ts";
import { compareModules } from "./modules/compare.ts";
import { askReference } from "./reference/ask.ts";
import type { Run } from "./run.ts";
import { OPENCODE_VERSION } from "./wire/clients.ts";
import { compareWire } from "./wire/compare.ts";

/** Compares, and returns what is missing if the client cannot run here. */
export type Suite = (run: Run, args: ParityArgs) => Promise<string | undefined>;

export const SUITES: Readonly<Record<RealClientName, Suite>> = {
  "kimi-cli": runKimiCli,
  "kimi-code": runKimiCode,
};

async function runKimiCli(run: Run, { release, ...args }: ParityArgs): Promise<string | undefined> {
  const python = await findPython();
  if (python === undefined) return NO_PYTHON;
  const kimi = await installKimiCli(python, write, release);
  write(titles(kimi)[0]);
  await compareModules(run, kimi, args.write);
  write(titles(kimi)[1]);
  await compareWire(run, kimi, async (turns) => {
    await using fake = await startFakeKimi();
    return (await askReference(kimi, run.home, fake, { turns })).turns ?? [];
  });
  return undefined;
}

async function runKimiCode(
  run: Run,
  { release, ...args }: ParityArgs,
): Promise<string | undefined> {
  const kimi = await installKimiCode(release);
  if (kimi === undefined) return NO_NODE;
  write(titles(kimi)[0]);
  const isOpen = await compareKimiCode(run, kimi, args.write).then(() => true, (error) => {
    if (release === undefined) throw error;
    // What a new release sends is seen all the same.
    run.add("functions", String(error.message), []);
    return false;
  });
  write(titles(kimi)[1]);
  const [model] = defaultSettings().models;
  await compareWire(run, kimi, async (given) => {
    if (!isOpen) return [];
    const { turns = [] } = await askKimiCode(kimi, {
      turns: given.map((one) => ({ ...one, model })),
    });
    return turns;
  });
  await compareSessions(run, kimi);
  return undefined;
}

function titles({ name, version }: RealClient): readonly [string, string] {
  const beside = `The real ${name} beside opencode ${OPENCODE_VERSION} with the plugin`;
  return [
    `The code of ${name} ${version} beside our modules:\n\n`,
    `\n${beside}, as received:\n\n`,
  ];
}
