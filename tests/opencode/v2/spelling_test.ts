import { assert, assertEquals } from "@std/assert";
import { SERVED, type Switches } from "../../support/opencode_v2/host.ts";
import type { Json } from "../../support/opencode_v2/types.ts";
import { QUESTION, secondOf, type Stage, stage, type StageOptions } from "./stage.ts";

/** What a model wrote, and how opencode writes it. */
const WRITTEN = '{"command": "echo \\u524d", "timeout": 1.0}';
const INPUT = JSON.parse(WRITTEN);
const PLAIN = JSON.stringify(INPUT);

const DONE = { content: [{ type: "text", text: "前" }], metadata: { exit: 0 } };

/** The conversation after calls of a tool. */
function history(name: string, ...ids: readonly string[]): readonly Json[] {
  return [
    ...QUESTION.messages,
    ...ids.flatMap((id) => [
      { role: "assistant", calls: [{ id, name, args: INPUT }] },
      { role: "tool", id, name, text: "前" },
    ]),
  ];
}

/** Asks on; gives the arguments of all calls in the request. */
async function sent({ fake, ask }: Stage, question: Json): Promise<readonly unknown[]> {
  assertEquals((await ask(question)).is, "done");
  const { messages } = JSON.parse(fake.requestsOf("chat").at(-1)?.body ?? "{}");
  return messages.flatMap(({ tool_calls = [] }: { tool_calls?: readonly Json[] }) =>
    tool_calls.map((call) => (call.function as Json).arguments)
  );
}

/** A stage on which the model has asked for a call. */
async function asked(id: string, given: StageOptions = {}, name = "bash"): Promise<Stage> {
  const at = await stage(given);
  if (given.options?.client === "opencode") at.fake.settings.identity = "opencode";
  await at.logIn();
  await answer(at, id, name);
  return at;
}

async function answer(at: Stage, id: string, name = "bash", question: Json = {}): Promise<void> {
  at.fake.settings.answers.push({ toolCalls: [{ id, name, arguments: WRITTEN }] });
  const outcome = await at.ask(question);
  assert(outcome.is === "done", JSON.stringify(outcome));
  assertEquals(outcome.calls.map(({ args }) => JSON.parse(args)), [INPUT]);
}

const call = { session: "ses_1", input: INPUT, own: DONE } as const;

const CASES: readonly (readonly [string, StageOptions])[] = [
  ...SERVED.map((version) => [version, { version }] as const),
  ...[true, false].map((wrapsContext) => {
    const switches: Partial<Switches> = { wrapsContext };
    return [JSON.stringify(switches), { switches }] as const;
  }),
];

for (const [what, given] of CASES) {
  Deno.test(`contract 2: with ${what}, arguments go back letter by letter, in this process and in the next`, async () => {
    await using at = await asked("bash:0", given);
    const result = await at.location.call({ ...call, id: "bash:0", name: "bash" });
    assertEquals(Object.keys(Object(result.metadata)), ["exit", "kimiArguments"]);
    assertEquals(DONE.metadata, { exit: 0 });
    assertEquals(await sent(at, { messages: history("bash", "bash:0") }), [WRITTEN]);
    await using next = await stage({ ...given, ...secondOf(at) });
    assertEquals(await sent(next, { messages: history("bash", "bash:0") }), [WRITTEN]);
  });
}

Deno.test("contract 6: what was sent of a call is sent again, while calls with its id are added", async () => {
  await using at = await asked("bash:0");
  await at.location.call({ ...call, id: "bash:0", name: "bash" });
  const ids = ["bash:0"];
  for (let round = 0; round < 3; round++) {
    assertEquals(await sent(at, { messages: history("bash", ...ids) }), ids.map(() => WRITTEN));
    await answer(at, "bash:0", "bash", { messages: history("bash", ...ids) });
    await at.location.call({ ...call, id: "bash:0", name: "bash" });
    ids.push("bash:0");
  }
});

Deno.test("contract 6: a call that failed keeps opencode's spelling, in this process and in the next", async () => {
  await using at = await asked("bash:0");
  await at.location.call({ ...call, id: "bash:0", name: "bash", own: new Error("no") });
  await using next = await stage(secondOf(at));
  for (const process of [at, next]) {
    assertEquals(await sent(process, { messages: history("bash", "bash:0") }), [PLAIN]);
  }
});

Deno.test("contract 2: calls that Code Mode makes leave the spelling of its own call alone", async () => {
  await using at = await asked("execute:0", {}, "execute");
  const nested = ["read", "read"].map((name) => ({ name, input: {}, own: DONE }));
  await at.location.call({ ...call, id: "execute:0", name: "execute", nested });
  assertEquals(await sent(at, { messages: history("execute", "execute:0") }), [WRITTEN]);
});

Deno.test("a forked session has its root's calls, and its own beside them", async () => {
  await using at = await asked("bash:0");
  await at.location.call({ ...call, id: "bash:0", name: "bash" });
  for (const message of at.host.sessions.messages("ses_1")) at.host.sessions.add("ses_2", message);
  const fork = { session: "ses_2", root: "ses_1" };
  await answer(at, "bash:1", "bash", { ...fork, messages: history("bash", "bash:0") });
  await at.location.call({ ...call, session: "ses_2", id: "bash:1", name: "bash" });
  await answer(at, "bash:1", "bash", { messages: history("bash", "bash:0") });
  await at.location.call({ ...call, id: "bash:1", name: "bash", own: new Error("no") });
  assertEquals(await sent(at, { ...fork, messages: history("bash", "bash:0", "bash:1") }), [
    WRITTEN,
    WRITTEN,
  ]);
  assertEquals(await sent(at, { messages: history("bash", "bash:0", "bash:1") }), [WRITTEN, PLAIN]);
});

Deno.test("with another client, a result stays as it is", async () => {
  await using at = await asked("bash:0", { options: { client: "opencode" } });
  assertEquals(await at.location.call({ ...call, id: "bash:0", name: "bash" }), {
    status: "completed",
    ...DONE,
  });
});

Deno.test("contract 12: a session that cannot be read keeps opencode's spelling, and the turn goes on", async () => {
  await using at = await asked("bash:0");
  at.host.sessions.messages = () => {
    throw new Error("no database");
  };
  assertEquals(await sent(at, { messages: history("bash", "bash:0") }), [PLAIN]);
  assertEquals(at.environment.logs.filter((line) => line.startsWith("warn")), [
    "warn: What was kept of a session is lost: no database",
  ]);
});
