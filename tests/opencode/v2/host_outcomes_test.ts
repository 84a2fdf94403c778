/** A user's way through the host, under both answers to all that is not known of it. */

import { assert, assertEquals } from "@std/assert";
import {
  SERVED,
  type Switches,
  VARIATIONS,
  type VersionName,
} from "../../support/opencode_v2/host.ts";
import { headerFaults } from "../../support/opencode/wire.ts";
import { ID, QUESTION, settled, type Stage, stage } from "./stage.ts";

const BASH = {
  name: "bash",
  description: "Runs a command",
  parameters: {
    type: "object",
    properties: { command: { type: "string" }, timeout: { type: ["integer", "null"] } },
    required: ["command"],
  },
};

/** The model's answers so far, as the host holds them; one had thinking alone. */
const HISTORY = [
  { role: "user", text: "Run it" },
  {
    role: "assistant",
    think: "I run it.",
    calls: [{ id: "bash:0", name: "bash", args: { command: "ls" } }],
  },
  { role: "tool", id: "bash:0", name: "bash", text: "a.txt" },
  { role: "assistant", think: "Nothing to say." },
  { role: "note", text: "The user has gone on." },
  { role: "user", text: "And now?" },
] as const;

async function answered(at: Stage, question: object = {}): Promise<void> {
  const outcome = await at.ask(question as Parameters<Stage["ask"]>[0]);
  assertEquals(outcome.is, "done", JSON.stringify(outcome));
}

async function journey(version: VersionName, switches: Partial<Switches>): Promise<void> {
  await using at = await stage({ version, switches });
  const { fake, host, location } = at;
  await at.logIn();
  await answered(at);
  await answered(at, { messages: HISTORY, tools: [BASH], model: `${QUESTION.model}#high` });
  await answered(at, { kind: "title", agent: "title", system: "You are a title generator" });
  await answered(at, { kind: "compaction", messages: HISTORY });
  assertEquals([fake.refreshes, fake.revokedChains], [0, 0]);
  at.pass(700);
  const other = await host.location("/other");
  const outcomes = await Promise.all([at.ask(), other.ask(QUESTION).outcome]);
  assertEquals(outcomes.map(({ is }) => is), ["done", "done"]);
  await settled(at);
  assertEquals([fake.refreshes, fake.revokedChains], [1, 0], "a due row is refreshed once");
  fake.expireAccessTokens();
  await answered(at);
  assertEquals([fake.refreshes, fake.revokedChains], [2, 0], "so is a token that Kimi refuses");
  await location.command("kimi-usage", "ses_1");
  assertEquals(host.notes.synthetic.map(({ resume }) => resume), [false]);
  fake.settings.user = "other-user";
  await at.logIn();
  await answered(at);
  await settled(at);
  const rows = host.table.list(ID);
  assertEquals(rows.map(({ active }) => active), [false, true]);
  assertEquals(at.entry()?.refresh, rows[1]?.value.refresh, "auth.json follows the active row");
  host.signOut(rows[1]!.id);
  assertEquals(location.models(), []);
  await settled(at);
  assertEquals(fake.requestsOf("chat").map(({ status }) => status).filter((s) => s !== 200), [401]);
  const faults = fake.requests.flatMap(headerFaults);
  assertEquals(faults.filter((fault) => !fault.endsWith("accept-language")), []);
  assertEquals(location.plugins().map(({ state }) => state), ["active"]);
  assertEquals(at.environment.logs.filter((line) => !/^(?:debug|info)/.test(line)), []);
}

for (const version of SERVED) {
  const isOuter = version === "2.0.4" || version === "newest";
  const how = isOuter ? ", with each unknown answered both ways" : "";
  Deno.test(`contracts 7 to 10: a user's way through ${version}${how}`, async () => {
    for (const switches of isOuter ? VARIATIONS : [{}]) {
      await journey(version, switches).catch((error: unknown) => {
        throw new Error(`with ${JSON.stringify(switches)}`, { cause: error });
      });
    }
  });
}

for (const dropsCallback of [false, true]) {
  Deno.test(`a login that the user cancels asks nobody after its end, ${dropsCallback ? "un" : ""}heard`, async () => {
    await using at = await stage({ switches: { dropsCallback } });
    at.fake.settings.autoAuthorizeAfterPolls = null;
    at.fake.settings.deviceExpiresIn = 20;
    // Kimi's clock stands still here: the code ends by the plugin's.
    const { attempts } = at.location;
    const { attemptID } = await attempts.connect({ integrationID: ID, methodID: "oauth" });
    attempts.cancel(attemptID);
    await settled(at);
    const { length } = at.fake.requestsOf("poll");
    assert(length <= 5, `${length} polls`);
    assertEquals(at.host.table.list(), []);
  });
}

Deno.test("contract 9: an interrupt while another process refreshes sends nothing, and leaves no lock", async () => {
  await using at = await stage();
  await at.logIn();
  await settled(at);
  at.pass(880);
  const file = await at.environment.authFile();
  const lock = await file!.lock();
  const turn = at.location.ask(QUESTION);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await turn.interrupt();
  assertEquals(await turn.outcome, { is: "interrupted" });
  await lock!.release();
  await turn.settled;
  await settled(at);
  assertEquals(at.fake.requestsOf("chat"), []);
  assertEquals([at.fake.refreshes, at.fake.revokedChains], [1, 0]);
  const files = [...Deno.readDirSync(at.folder)].map(({ name }) => name);
  assertEquals(files, ["auth.json"]);
  assertEquals((await at.ask()).is, "done");
});

Deno.test("contract 13: many turns with a dead login ask Kimi once, and say one sentence", async () => {
  await using at = await stage();
  await at.logIn();
  await settled(at);
  const { refresh_token } = at.fake.issueTokens();
  at.write({ [ID]: { ...at.entry(), refresh: `${refresh_token}x` } });
  const [row] = at.host.table.list(ID);
  at.host.table.update(row!.id, { ...row!.value, refresh: `${refresh_token}x` });
  at.pass(950);
  const other = await at.host.location("/other");
  const turns = [at.location, other, at.location].map(({ ask }) => ask(QUESTION).outcome);
  const said = [...await Promise.all(turns), await at.ask(), await other.ask(QUESTION).outcome]
    .map((outcome) => outcome.is === "failed" ? outcome.error.message : outcome.is);
  assertEquals(new Set(said).size, 1, said.join("\n"));
  assert(said[0]?.startsWith("Kimi no longer accepts the login: run opencode auth login"), said[0]);
  assertEquals(at.fake.requestsOf("refresh").length, 1);
  assertEquals(at.fake.requestsOf("chat"), []);
});

Deno.test("contract 10: a reload while a request is under way loses neither its 401 nor its answer", async () => {
  await using at = await stage();
  await at.logIn();
  at.fake.expireAccessTokens();
  at.fake.settings.faults.push({ kind: "chat", delay: 150 });
  const turn = at.location.ask(QUESTION);
  await at.fake.arrival("chat");
  await at.location.reload();
  const outcome = await turn.outcome;
  assertEquals(outcome.is, "done", JSON.stringify(outcome));
});

Deno.test("a broken subscription to events is made anew, and ends with the plugin", async () => {
  await using at = await stage();
  at.host.events.end(undefined, new Error("broken"));
  await settled(at);
  assertEquals(at.host.events.subscribers(), 1);
  await at.location.evict();
  assertEquals(at.host.events.subscribers(), 0);
});

Deno.test("contract 14: an answer is read on only as the host reads it", async () => {
  await using at = await stage();
  await at.logIn();
  const ahead: number[] = [];
  let pulls = 0;
  const outcome = await at.location.ask({
    ...QUESTION,
    messages: [{ role: "user", text: "[[long:500]]" }],
    onPull: () => void pulls++,
    async onRead(count) {
      await new Promise((resolve) => setTimeout(resolve));
      ahead.push(pulls - count);
    },
  }).outcome;
  assertEquals(outcome.is, "done");
  assert(pulls > 10 && Math.max(...ahead) <= 2, ahead.join());
});
