/** The bytes of a conversation are the same on both hosts. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ClientName } from "../../../lib/kimi/identity/constants.ts";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import type { Message, Spec } from "../../support/conversations.ts";
import { refusalOf } from "../../support/judge.ts";
import { nativeBody } from "../../support/opencode_v2/turn/body.ts";
import { VERSIONS } from "../../support/opencode_v2/host.ts";
import { openPlugin } from "../../support/plugin.ts";
import { readRows } from "../../support/vectors.ts";
import { messagesOf, question, READ } from "./generated.ts";
import { nativeHooks } from "./native.ts";

type Question = Pick<Spec, "system" | "session" | "effort" | "messages" | "tools"> & {
  readonly agent?: string;
};

const CONTEXT = 262_144;

const MODEL = {
  modelID: "kimi-for-coding",
  compatibility: { reasoningField: "reasoning_content", requireReasoning: false },
  settings: {},
  headers: {},
  body: {},
  input: ["text", "image"],
};

/** What 1.x sends. */
async function first(question: Question, client: ClientName = "kimi-cli"): Promise<string> {
  const plugin = await openPlugin({ context: CONTEXT, client });
  return await plugin.ask(question);
}

/** What 2.x sends. */
async function second(
  question: Question,
  variation: object,
  client: ClientName = "kimi-cli",
): Promise<string> {
  const { system, session, effort, messages, tools, agent } = question;
  const shape = { system: system ? [system] : [], messages, tools };
  const switches = { ...VERSIONS["2.0.20"].switches, ...variation };
  const { send } = await nativeHooks(client);
  const body = nativeBody(shape, MODEL, session, switches);
  const variant = effort === "default" ? {} : { variant: effort };
  return await send(body, {
    kind: agent === "title" ? "title" : "primary",
    sessionID: session,
    model: { id: "kimi-for-coding", providerID: "kimi-for-coding-oauth", ...variant },
  });
}

Deno.test("contracts 1 to 6: kimi-cli's conversations are the same bytes on both hosts", async () => {
  const rows = readRows<{ readonly name: string; readonly spec: Spec }>("conversations");
  const differing: string[] = [];
  for (const { name, spec } of rows) {
    const plugin = await openPlugin({ context: CONTEXT });
    const one = await plugin.ask(spec);
    const two = await second(spec, {});
    if (one !== two) differing.push(`${name}:\n${one}\n${two}`);
  }
  assertEquals(differing, []);
});

Deno.test("contracts 1 to 6: 500 conversations are the same bytes on both hosts, and Kimi takes them", async () => {
  await fc.assert(
    fc.asyncProperty(question, async ({ turns, last, hasTools, variation, client, ...given }) => {
      const messages = messagesOf(turns, last);
      const asked = { ...given, session: "ses_1", messages, tools: hasTools ? [READ] : [] };
      const one = await first(asked, client);
      assertEquals(await second(asked, variation, client), one);
      // The account that the judge stands for has no effort of this name.
      if (given.effort !== "max" || given.agent === "title") {
        assertEquals(refusalOf(one), undefined);
      }
    }),
    { numRuns: 500 },
  );
});

interface Native {
  readonly name: string;
  readonly from: string;
  readonly kind?: string;
  readonly body: JsonObject & { readonly messages: readonly JsonObject[]; readonly tools?: string };
}

const DATA: {
  readonly toolSets: Readonly<Record<string, readonly JsonObject[]>>;
  readonly rows: readonly Native[];
} = JSON.parse(
  Deno.readTextFileSync(new URL("../../data/opencode-v2/bodies.json", import.meta.url)),
);

function nativeText({ body }: Native): string {
  const { tools, ...others } = body;
  return JSON.stringify(tools === undefined ? others : { ...others, tools: DATA.toolSets[tools] });
}

/** A part of a native message as 1.x holds it. */
function partOf(part: unknown): unknown {
  const { type, text, image_url } = Object(part);
  if (type === "text") return { type, text };
  const [, mediaType, image] = /^data:([^;]+);base64,(.*)$/.exec(Object(image_url).url) ?? [];
  return { type: "image", mediaType, image };
}

/** The conversation of a native body. */
function specOf({ body, kind }: Native): Question {
  const tools = (DATA.toolSets[body.tools ?? ""] ?? []).map((tool) => Object(tool.function));
  const [head, ...rest] = body.messages;
  const isSystem = head?.role === "system";
  const messages = (isSystem ? rest : body.messages).map((message): Message => {
    const { role, content, reasoning_content, tool_calls, tool_call_id } = Object(message);
    const said = Array.isArray(content) ? { parts: content.map(partOf) } : { text: content ?? "" };
    return {
      role,
      ...said,
      ...(reasoning_content ? { think: reasoning_content } : {}),
      ...(tool_calls === undefined ? {} : {
        calls: tool_calls.map((call: { id: string; function: JsonObject }) => ({
          id: call.id,
          name: String(call.function.name),
          args: JSON.parse(String(call.function.arguments)),
        })),
      }),
      ...(tool_call_id === undefined ? {} : { id: tool_call_id, name: "read" }),
    } as Message;
  });
  return {
    ...(isSystem ? { system: String(head.content) } : {}),
    session: "ses_1",
    effort: String(body.reasoning_effort ?? "default"),
    messages,
    tools: tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    ...(kind === "title" ? { agent: "title" } : {}),
  };
}

Deno.test("contracts 1 to 6: native bodies become the bytes that 1.x sends for their conversations", async () => {
  const rows = DATA.rows.filter(({ body, name }) =>
    // 1.x has no PDFs, and this model is not one of ours.
    name !== "pdf" && body.model === "kimi-for-coding"
  );
  assert(rows.length >= 18, `${rows.length}`);
  for (const row of rows) {
    const { send } = await nativeHooks();
    const two = await send(nativeText(row), { kind: row.kind ?? "primary" });
    assertEquals(two, await first(specOf(row)), `${row.from}: ${row.name}`);
  }
});

/** The budget is estimated of the tools as they are given. */
function withoutBudget(body: string): string {
  return body.replace(/"max_completion_tokens":\d+,/, "");
}

Deno.test("contract 3: each native body is one that Kimi takes, and a second conversion changes nothing", async () => {
  for (const row of DATA.rows) {
    const { send } = await nativeHooks();
    const once = await send(nativeText(row), { kind: row.kind ?? "primary" });
    assertEquals(refusalOf(once), undefined, row.name);
    const fresh = await nativeHooks();
    const twice = await fresh.send(once, { kind: row.kind ?? "primary" });
    assertEquals(withoutBudget(twice), withoutBudget(once), row.name);
    const { messages } = JSON.parse(once);
    assert(Array.isArray(messages) && messages.every(isObject));
  }
});
