/** The bodies of the golden data, each made from opencode's form of the same conversation. */

import { assertEquals } from "@std/assert";
import type { BodyContext } from "../../../lib/kimi/chat/body.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import type { EnvSettings } from "../../../lib/kimi/chat/env_settings.ts";
import { assertGolden, readRows, sdkTool, sent } from "../../support/vectors.ts";

interface Row {
  readonly name: string;
  readonly output?: string;
  readonly throws?: string;
}

/** opencode's form of a row, and why a row is left out. */
interface Case {
  readonly body?: JsonObject;
  readonly settings?: Omit<EnvSettings, "problems">;
  readonly over?: Partial<BodyContext>;
  readonly leftOut?: string;
}

const SYSTEM = { role: "system", content: "sys" };
const HELLO = { role: "user", content: "hello" };

const SHELL = sdkTool({
  name: "Shell",
  description: "Run",
  parameters: { type: "object", properties: { command: { description: "c" } } },
});

const ENABLED = { type: "enabled" };
const DISABLED = { type: "disabled" };
const ON = { canThink: true };
const KOSONG = "only a direct user of kosong can make it";
const UNPAIRED = `${KOSONG}: contract 5 never sends one of the two fields without the other`;
const SPELLING = "JavaScript does not keep this spelling of a number";
const WHOLE = {
  messages: [SYSTEM, HELLO],
  tools: [SHELL],
  prompt_cache_key: "sess",
};

const CASES: Readonly<Record<string, Case>> = {
  "plain": {},
  "plain/system": { body: { messages: [SYSTEM, HELLO] } },
  "plain/tools": { body: { tools: [SHELL], tool_choice: "auto" } },
  "plain/not-streaming": { body: { stream: undefined, stream_options: undefined } },
  "thinking/off": { body: { thinking: DISABLED } },
  "thinking/medium": { over: ON },
  "thinking/high": { over: ON },
  "thinking/xhigh": { body: { thinking: ENABLED } },
  "thinking-low+effort/low": { body: { reasoning_effort: "low" } },
  "thinking-medium+effort/medium": { body: { reasoning_effort: "medium", thinking: ENABLED } },
  "effort/high+thinking-high": { body: { reasoning_effort: "high" }, over: ON },
  "effort/low+thinking-off": {
    body: { reasoning_effort: "low", thinking: DISABLED },
    leftOut: UNPAIRED,
  },
  "effort/medium+thinking-off": {
    body: { reasoning_effort: "medium", thinking: DISABLED },
    leftOut: UNPAIRED,
  },
  "effort/medium": { body: { reasoning_effort: "medium" }, leftOut: UNPAIRED },
  "effort/None": { body: { reasoning_effort: null }, leftOut: `${KOSONG}: an effort of null` },
  "cache-key": { body: { prompt_cache_key: "sess" } },
  "cache-key+thinking": { body: { prompt_cache_key: "sess" }, over: ON },
  "max_completion_tokens": { settings: { maxCompletionTokens: 8192 } },
  "max_completion_tokens/None": { settings: { maxCompletionTokens: null } },
  "max_completion_tokens/0": {
    body: { max_completion_tokens: 0 },
    over: { userKeys: ["max_completion_tokens"] },
  },
  "max_tokens+max_completion_tokens": {
    body: { max_tokens: 1 },
    settings: { maxCompletionTokens: 2 },
  },
  "overrides/max_completion_tokens": { settings: { maxCompletionTokens: 7 } },
  "keep/on": { settings: { maxCompletionTokens: null, thinkingKeep: "all" }, over: ON },
  "keep/before-thinking": {
    body: { thinking: { keep: "all", type: "enabled" } },
    leftOut: `${KOSONG}: kimi-cli sets keep after thinking`,
  },
  "keep/then-off": {
    body: { thinking: DISABLED },
    settings: { maxCompletionTokens: null, thinkingKeep: "all" },
    leftOut: `${KOSONG}: kimi-cli sets no keep where thinking is off`,
  },
  "temperature/1.0": {
    settings: { maxCompletionTokens: null, temperature: 1 },
    leftOut: `${SPELLING}: 1.0`,
  },
  "temperature/None": {
    body: { temperature: null },
    over: { userKeys: ["temperature"] },
    leftOut: `${KOSONG}: a temperature of null`,
  },
  "temperature/1e-7": {
    settings: { maxCompletionTokens: null, temperature: 1e-7 },
    leftOut: `${SPELLING}: 1e-07`,
  },
  "top_p": { settings: { maxCompletionTokens: null, topP: 0.95 } },
  "stop-string": {
    body: { stop: "x" },
    over: { userKeys: ["stop"] },
    leftOut: `${KOSONG}: contract 1 puts what the user wrote last`,
  },
  "everything+effort": {
    body: {
      ...WHOLE,
      frequency_penalty: 0,
      n: 1,
      presence_penalty: 0,
      reasoning_effort: "high",
      stop: ["x"],
    },
    settings: { maxCompletionTokens: 8192, temperature: 0.3, topP: 0.95, thinkingKeep: "all" },
    over: { userKeys: ["frequency_penalty", "n", "presence_penalty", "stop"] },
    leftOut: `${KOSONG}: contract 1 puts what the user wrote last; and ${SPELLING}: 0.0`,
  },
  "kimi-cli-form/off": {
    body: { ...WHOLE, thinking: DISABLED },
    settings: { maxCompletionTokens: 248_858 },
  },
  "builtin-tool": {
    body: { tools: [sdkTool({ name: "$web_search", parameters: {} })] },
  },
  "unicode": {
    body: { messages: [{ role: "user", content: 'é 名 😀 \u2028\u0000\u001f\u007f/\\"' }] },
  },
  "lone-surrogate": {
    body: { messages: [{ role: "user", content: "\ud83d" }] },
    leftOut: "kimi-cli throws; here it is replaced",
  },
};

/** The body that `@ai-sdk/openai-compatible` builds for opencode. */
const SDK_BODY: JsonObject = {
  model: "kimi-for-coding",
  user: undefined,
  max_tokens: 32_000,
  temperature: undefined,
  top_p: undefined,
  response_format: undefined,
  stop: undefined,
  seed: undefined,
  reasoning_effort: undefined,
  messages: [HELLO],
  tools: undefined,
  tool_choice: undefined,
  stream: true,
  stream_options: { include_usage: true },
};

function ours(name: string): string {
  const { body = {}, settings = { maxCompletionTokens: null }, over = {} } = CASES[name] ?? {};
  return sent({ ...SDK_BODY, ...body }, {
    canThink: false,
    settings: { problems: [], ...settings },
    ...over,
  });
}

Deno.test("contract 1: every body of the golden data equals kimi-cli's", () => {
  const rows = readRows<Row>("bodies");
  assertEquals(rows.map(({ name }) => name).sort(), Object.keys(CASES).sort());
  assertGolden({
    rows,
    ours: ({ name }) => ours(name),
    theirs: ({ output, throws }) => output ?? throws,
    leftOut: Object.fromEntries(
      Object.entries(CASES).flatMap(([name, { leftOut }]) => leftOut ? [[name, leftOut]] : []),
    ),
  });
});

Deno.test("contract 1: bodies that differ in the spelling or place of a number are otherwise equal", () => {
  const rows = readRows<Row>("bodies");
  const theirs = (name: string) => JSON.parse(rows.find((row) => row.name === name)?.output ?? "");
  for (const name of ["temperature/1.0", "temperature/1e-7", "stop-string", "everything+effort"]) {
    assertEquals(JSON.parse(ours(name)), theirs(name), name);
  }
});
