/** Any order of what users, Kimi and opencode do: one chain of tokens for each account, which never breaks. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { openCredentials, SERVED } from "../../support/opencode_v2/host.ts";
import { ID, QUESTION, settled, type Stage, stage } from "./stage.ts";

/** Another service works on the same login. All locations answer, if there is an account. */
async function ask(at: Stage): Promise<void> {
  const other = await at.host.location("/other");
  const turns = [at.location, other, at.location].map(({ ask }) => ask(QUESTION).outcome);
  const outcomes = await Promise.all(turns);
  const expected = at.host.table.active(ID) === undefined ? "failed" : "done";
  assertEquals(
    outcomes.map(({ is }) => is),
    [expected, expected, expected],
    JSON.stringify(outcomes),
  );
}

/** What can happen. */
const STEPS = {
  interrupt: async (at: Stage) => {
    const turn = at.location.ask({ ...QUESTION, onRead: () => void turn.interrupt() });
    await turn.outcome;
    await turn.settled;
  },
  interruptAtOnce: async (at: Stage) => {
    const turn = at.location.ask(QUESTION);
    await turn.interrupt();
    await turn.settled;
  },
  /** The plugin's time to refresh, and not yet opencode's: the row then falls behind. */
  becomeHalf: (at: Stage) => at.pass(500),
  becomeDue: (at: Stage) => at.pass(700),
  expire: (at: Stage) => at.pass(1000),
  revokeAccess: (at: Stage) => at.fake.expireAccessTokens(),
  reload: async (at: Stage) => await at.location.reload(),
  replay: (at: Stage) => at.location.replay(),
  logInAgain: async (at: Stage) => await at.logIn(),
  logInAsOther: async (at: Stage) => {
    at.fake.settings.user = at.fake.settings.user === "one" ? "two" : "one";
    await at.logIn();
  },
  switch: async (at: Stage) => {
    const rows = at.host.table.list(ID);
    const next = rows.find(({ active }) => !active);
    if (next !== undefined) at.host.activate(next.id);
    await settled(at);
  },
  signOut: (at: Stage) => {
    const row = at.host.table.active(ID);
    if (row !== undefined) at.host.signOut(row.id);
  },
  failRefresh(at: Stage) {
    at.fake.settings.faults.splice(0);
    at.fake.settings.faults.push({ kind: "refresh", answer: { status: 503, body: {} } });
  },
} as const satisfies Readonly<Record<string, (at: Stage) => unknown>>;

type Step = keyof typeof STEPS;

const NAMES = Object.keys(STEPS) as readonly Step[];

/** What happens, and who asks then. */
const HAPPENING = fc.tuple(
  fc.oneof(
    { weight: 1, arbitrary: fc.constant<Step>("becomeHalf") },
    { weight: 2, arbitrary: fc.constantFrom(...NAMES) },
  ),
  fc.constantFrom("here", "elsewhere", "nobody"),
);

Deno.test("contract 9: in any order of events, no refresh token is sent twice and each question is answered", async () => {
  const happenings = fc.array(HAPPENING, { minLength: 2, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(happenings, fc.constantFrom(...SERVED), async (order, version) => {
      const table = openCredentials();
      await using at = await stage({ version, table });
      await using elsewhere = await stage({ version, table, beside: at });
      at.fake.settings.user = "one";
      await at.logIn();
      for (const [step, asker] of [...order, ["replay", "here"]] as const) {
        await STEPS[step](at);
        elsewhere.environment.time = at.environment.time;
        if (asker !== "nobody") await ask(asker === "here" ? at : elsewhere);
        await settled(at);
      }
      const sent = at.fake.requestsOf("refresh").filter(({ status }) => status === 200)
        .map(({ body }) => body);
      assertEquals([new Set(sent).size, at.fake.revokedChains], [sent.length, 0]);
      assertEquals(at.location.plugins().map(({ state }) => state), ["active"]);
    }),
    { numRuns: 25 },
  );
});
