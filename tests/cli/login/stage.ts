import { type FakeKimi, startFakeKimi } from "../../support/fake/kimi.ts";
import { type Home, makeHome } from "../process.ts";

/** Where a login runs. */
export interface Stage {
  readonly kimi: FakeKimi;
  readonly home: Home;
}

/** Runs a test with a fake Kimi that confirms each login at once, and an empty home folder. */
export async function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  await using kimi = await startFakeKimi({ autoAuthorizeAfterPolls: 0 });
  await using home = await makeHome();
  await run({ kimi, home });
}
