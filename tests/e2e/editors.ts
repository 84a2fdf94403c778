/**
 * An editor that drives `opencode acp`, on one release. It runs once; each test checks one promise.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type EditorSession, openEditor, type TurnOutcome } from "../support/acp.ts";
import { type FakeKimi, type RecordedRequest, startFakeKimi } from "../support/fake/kimi.ts";
import { MODEL, type Opencode, openOpencode, succeeded } from "../support/opencode/opencode.ts";
import { chatsOf, effortFaults, prefixFaults } from "../support/opencode/wire.ts";
import { builtPackage } from "../support/package.ts";
import type { OpencodeVersion } from "../support/tools.ts";

const QUOTA = {
  status: 429,
  body: { error: { type: "exceeded_current_quota_error", message: "Usage limit reached" } },
};

const GATE = {
  status: 403,
  body: {
    error: {
      type: "access_terminated_error",
      message: "Kimi For Coding is currently only available for Coding Agents",
    },
  },
};

/** What was seen, from before the login to the last question. */
interface Seen {
  readonly session: EditorSession;
  readonly loggedOut: TurnOutcome;
  /** A question that calls a tool, with nothing chosen, and what was sent. */
  readonly tool: TurnOutcome;
  readonly toolRequests: readonly RecordedRequest[];
  /** A question after effort `high` was chosen. */
  readonly high: TurnOutcome;
  readonly highRequests: readonly RecordedRequest[];
  readonly cancelled: TurnOutcome;
  /** Milliseconds from the editor's cancel to the closed connection at Kimi's. */
  readonly closedAfter: number;
  readonly quota: TurnOutcome;
  readonly gate: TurnOutcome;
  readonly failedRequests: readonly RecordedRequest[];
}

/** Registers the tests of one release. */
export function testEditors(version: OpencodeVersion): void {
  let pending: Promise<Seen> | undefined;
  const test = (name: string, check: (seen: Seen) => void) =>
    Deno.test(`an editor on opencode ${version}, ${name}`, async () => {
      check(await (pending ??= see(version)));
    });

  // 1.14.34 has no option of its own for efforts, it lists each with the model.
  const isOld = version === "1.14.34";
  test("is offered the model by its name, and each effort", ({ session }) => {
    const models = valuesOf(session, "model");
    assertMatch(models.get(MODEL) ?? "", /Kimi for Coding$/);
    const efforts = isOld
      ? [...models.keys()].filter((value) => value.startsWith(`${MODEL}/`))
        .map((value) => value.slice(MODEL.length + 1))
      : [...valuesOf(session, "effort").keys()];
    const named = ["off", "low", "medium", "high", "max"];
    assertEquals(efforts, isOld ? named : ["default", ...named]);
  });
  test("contract 5: if it chooses nothing, the model thinks", ({ toolRequests }) => {
    const chats = chatsOf(toolRequests);
    const asked = chats.filter(({ title }) => !title);
    assertEquals(asked.length, 2);
    assertEquals(asked.flatMap((chat) => effortFaults(chat, undefined)), []);
    const titles = chats.filter(({ title }) => title);
    assertEquals(titles.flatMap((chat) => effortFaults(chat, "off")), []);
  });
  test("contract 5: effort high is sent if it chooses that", ({ high, highRequests }) => {
    assertEquals(high.stopReason, "end_turn");
    const chats = chatsOf(highRequests);
    assertEquals(chats.map(({ status }) => status), [200]);
    assertEquals(chats.flatMap((chat) => effortFaults(chat, "high")), []);
  });
  test("sees a tool run, and the answer to its output", ({ session, tool }) => {
    assertEquals(tool.stopReason, "end_turn");
    const { updates } = session;
    const done = updates.filter((update) =>
      update.sessionUpdate === "tool_call_update" && update.status === "completed"
    );
    assertStringIncludes(JSON.stringify(done), "hi\\n");
    const said = updates.map((update) =>
      update.sessionUpdate === "agent_message_chunk" && update.content.type === "text"
        ? update.content.text
        : ""
    );
    assertStringIncludes(said.join(""), "The tool said: hi");
  });
  test("contract 6: earlier messages keep their bytes from question to question", (seen) => {
    const asked = chatsOf([...seen.toolRequests, ...seen.highRequests])
      .filter(({ title }) => !title);
    assertEquals(asked.length, 3);
    assertEquals(prefixFaults(asked), []);
  });
  test("contract 14: reads how many tokens came from the cache", ({ tool, high }) => {
    for (const { usage } of [tool, high]) {
      const { inputTokens = 0, cachedReadTokens, totalTokens = 0 } = usage ?? {};
      assert((cachedReadTokens ?? 0) > inputTokens, JSON.stringify(usage));
      assert(totalTokens > (cachedReadTokens ?? 0), JSON.stringify(usage));
    }
  });
  test("ends the request to Kimi within a second if the user cancels", (seen) => {
    const { closedAfter, cancelled } = seen;
    assert(closedAfter < 1000, `${closedAfter} ms`);
    assertEquals(cancelled.stopReason, isOld ? "end_turn" : "cancelled");
  });
  test("contract 13: a failure is final, and in our words", (seen) => {
    assertEquals(seen.failedRequests.map(({ status }) => status), [429, 403]);
    const errors = [seen.loggedOut, seen.quota, seen.gate].map(({ error }) => error ?? "");
    // 1.14.34 tells an editor of no error at all.
    if (isOld) return assertEquals(errors, ["", "", ""]);
    const [loggedOut = "", quota = "", gate = ""] = errors;
    assertStringIncludes(loggedOut, "Not logged in to Kimi: run opencode auth login -p");
    assertStringIncludes(quota, "The plan's quota is used up: wait for its reset");
    assertStringIncludes(quota, "Usage limit reached");
    assertStringIncludes(gate, "Kimi refused this client's identity");
  });
}

async function see(version: OpencodeVersion): Promise<Seen> {
  await using built = await builtPackage();
  await using kimi = await startFakeKimi({ deviceInterval: 1 });
  const plugin = [`opencode-kimi-full@file:${built.tarball}`];
  await using opencode = await openOpencode({ version, config: { plugin, model: MODEL }, kimi });
  const loggedOut = await askLoggedOut(opencode, kimi);
  succeeded(await opencode.login());
  await using editor = await openEditor(opencode, kimi);
  const session = await editor.open();
  const tool = await session.prompt("[[bash]]");
  const toolRequests = takeChats(kimi);
  if (version === "1.14.34") await session.choose("model", `${MODEL}/high`);
  else await session.choose("effort", "high");
  const high = await session.prompt("Hello again");
  const highRequests = takeChats(kimi);
  const { cancelled, closedAfter } = await cancel(kimi, session);
  takeChats(kimi);
  kimi.settings.faults.push({ kind: "chat", answer: QUOTA }, { kind: "chat", answer: GATE });
  const quota = await session.prompt("Once more");
  const gate = await session.prompt("And again");
  return {
    ...{ session, loggedOut, tool, toolRequests, high, highRequests, cancelled, closedAfter },
    ...{ quota, gate, failedRequests: takeChats(kimi) },
  };
}

async function askLoggedOut(opencode: Opencode, kimi: FakeKimi): Promise<TurnOutcome> {
  await using editor = await openEditor(opencode, kimi);
  return await (await editor.open()).prompt("Hello");
}

/** The chat requests since the last time. */
function takeChats(kimi: FakeKimi): readonly RecordedRequest[] {
  const chats = kimi.requestsOf("chat");
  kimi.forgetRequests();
  return chats;
}

/** Cancels a question while its answer streams. */
async function cancel(kimi: FakeKimi, session: EditorSession) {
  kimi.settings.faults.push({ kind: "chat", stream: { delay: 50 } });
  const ending = session.prompt("[[long:5000]]");
  const current = () => kimi.requestsOf("chat").at(-1);
  await until(() => (current()?.answer.length ?? 0) > 1000);
  const started = performance.now();
  await session.cancel();
  await until(() => current()?.aborted === true);
  const closedAfter = performance.now() - started;
  return { cancelled: await ending, closedAfter };
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!holds()) {
    assert(performance.now() < end, "it did not come to this in 20 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The values of one of a session's options, with their names. */
function valuesOf({ created }: EditorSession, option: string): ReadonlyMap<string, string> {
  const found = created.configOptions?.find(({ id }) => id === option);
  if (found?.type !== "select") return new Map();
  const options = found.options.flatMap((entry) => "options" in entry ? entry.options : entry);
  return new Map(options.map(({ value, name }) => [value, name]));
}
