/** Compares kimi-code's own code with our modules, on the same inputs. */

import type { KimiCode } from "../../../tests/support/clients/kimi_code.ts";
import { familyPairs } from "../family.ts";
import { goldenPairs, writeGolden } from "../golden.ts";
import type { Run } from "../run.ts";
import { askKimiCode } from "./ask.ts";
import { KIMI_CODE_GOLDEN } from "./families.ts";
import { sessionPairs } from "./replay.ts";
import { runSessions } from "./sessions.ts";

/** Compares every function; `write` makes the golden data anew first. */
export async function compareKimiCode(run: Run, kimi: KimiCode, write: boolean): Promise<void> {
  const { families } = KIMI_CODE_GOLDEN;
  const jobs = Object.fromEntries(families.map(({ job, cases }) => [job, cases()]));
  const results = await askKimiCode(kimi, jobs);
  if (write) await writeGolden(KIMI_CODE_GOLDEN, results);
  for (const family of families) {
    run.add(family.kind, family.compared, await familyPairs(family, results));
  }
  const golden = `the files of tests/data/${KIMI_CODE_GOLDEN.folder}/`;
  run.add("golden data", golden, await goldenPairs(KIMI_CODE_GOLDEN, results));
}

/** Runs kimi-code in several ways, and gives its conversations to the plugin. */
export async function compareSessions(run: Run, kimi: KimiCode): Promise<void> {
  const sessions = await runSessions(kimi, run.home);
  for (const session of sessions) {
    run.add("kimi-code's chats", `the same bytes: ${session.name}`, await sessionPairs(session));
  }
}
