import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { repairConversation } from "../../../lib/kimi/chat/conversation_repair.ts";
import { KIMI_CLI } from "../../../lib/kimi/kimi_cli/body.ts";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import {
  assertGolden,
  convertMessage,
  deepFreeze,
  emptyTotals,
  jsonWith,
  type KosongMessage,
  readRows,
  sdkMessage,
} from "../../support/vectors.ts";

interface Row {
  readonly name: string;
  readonly input: KosongMessage;
  readonly outputJson: string;
}

const ROWS = readRows<Row>("messages");

const EMPTY_PART = "an empty text part is left out: the service refuses it";
const EMPTY_ANSWER = "an assistant message that says nothing is left out: the service refuses it";
const NOT_HELD = "opencode's SDK never writes this";

const LEFT_OUT = {
  "user/empty-and-text": EMPTY_PART,
  "assistant/call-text+blank": EMPTY_PART,
  "assistant/empty": EMPTY_ANSWER,
  "assistant/empty-list": EMPTY_ANSWER,
  "assistant/empty-tool-calls": EMPTY_ANSWER,
  "user/name": `${NOT_HELD}: a name`,
  "user/think-part": `${NOT_HELD}: reasoning of a user`,
  "user/think-only": `${NOT_HELD}: reasoning of a user`,
  "tool/think": `${NOT_HELD}: reasoning of a tool`,
};

function textOf(message: JsonObject, thinks = false): string | undefined {
  return JSON.stringify(convertMessage(message, thinks, emptyTotals()));
}

/** The message to convert that comes of a given one, if any does. */
function repaired(given: unknown): readonly JsonObject[] {
  const { callIds, messages: { isBlank } } = KIMI_CLI;
  return repairConversation([given], {
    callIds,
    isBlank,
    keepsThinking: false,
    notes: new Set(),
  });
}

function assistant(over: JsonObject, thinks = false): string | undefined {
  return textOf({ role: "assistant", content: "", ...over }, thinks);
}

function call(id: unknown, args: unknown = "{}"): JsonObject {
  return { id, type: "function", function: { name: "f", arguments: args } };
}

Deno.test("contract 2: every message of the golden data equals kimi-cli's", () => {
  assertGolden({
    rows: ROWS,
    ours: ({ input }) => textOf(sdkMessage(input)),
    theirs: ({ outputJson }) => outputJson,
    leftOut: LEFT_OUT,
  });
});

Deno.test("contract 2: thinking adds an empty reasoning_content only to tool calls without reasoning", () => {
  const bare = (row: Row) =>
    row.outputJson.includes('"tool_calls":[{') && !row.outputJson.includes("reasoning_content");
  assert(ROWS.some(bare) && !ROWS.every(bare));
  assertGolden({
    rows: ROWS,
    ours: ({ input }) => textOf(sdkMessage(input), true),
    theirs: (row) =>
      bare(row) ? row.outputJson.replace(/\}$/, ',"reasoning_content":""}') : row.outputJson,
    leftOut: LEFT_OUT,
  });
});

Deno.test("contract 4: the estimate of every message of the golden data equals kimi-cli's", () => {
  interface Estimate {
    readonly name: string;
    readonly input: KosongMessage;
    readonly output: number;
  }
  const joined = "opencode's SDK joins the parts of an answer's reasoning into one text";
  assertGolden({
    rows: readRows<Estimate>("completion-tokens").filter(({ name }) =>
      name.startsWith("_estimate_message_tokens")
    ),
    ours: ({ input }) => {
      const totals = emptyTotals();
      convertMessage(sdkMessage(input), false, totals);
      return totals.tokens;
    },
    theirs: ({ output }) => output,
    leftOut: {
      "_estimate_message_tokens user/name": LEFT_OUT["user/name"],
      "_estimate_message_tokens user/think-part": LEFT_OUT["user/think-part"],
      "_estimate_message_tokens user/think-only": LEFT_OUT["user/think-only"],
      "_estimate_message_tokens assistant/empty": EMPTY_ANSWER,
      "_estimate_message_tokens assistant/empty-list": EMPTY_ANSWER,
      "_estimate_message_tokens assistant/empty-tool-calls": EMPTY_ANSWER,
      "_estimate_message_tokens assistant/two-thinks+text": joined,
      "_estimate_message_tokens assistant/think-text-think-text": joined,
      "_estimate_message_tokens assistant/call-extras": `${NOT_HELD}: extras of a call`,
    },
  });
});

Deno.test("contract 2: convertMessage() drops members that kimi-cli does not send", () => {
  const more = { cache_control: {}, refusal: null, name: "n", reasoning_details: [] };
  assertEquals(
    assistant({
      reasoning_content: "t",
      ...more,
      tool_calls: [{ index: 0, ...call("f:0"), extra_content: {} }],
      content: [{ type: "text", text: "a", cache_control: {} }],
    }),
    '{"role":"assistant","content":"a","tool_calls":[{"type":"function","id":"f:0",' +
      '"function":{"name":"f","arguments":"{}"}}],"reasoning_content":"t"}',
  );
  assertEquals(
    textOf({ ...more, tool_call_id: "f:0", content: "out", role: "tool" }),
    '{"role":"tool","content":"out","tool_call_id":"f:0"}',
  );
});

Deno.test("contract 2: a tool-call message has no content if Python's strip leaves nothing", () => {
  const tool_calls = [call("f:0")];
  for (const blank of ["", " ", "\n\t\r\v\f", "\x1c\x1d\x1e\x1f", "\x85", "\xa0", "\u3000\u2028"]) {
    assert(!assistant({ content: blank, tool_calls })?.includes("content"), JSON.stringify(blank));
  }
  for (const text of ["a", "\ufeff", "\u200b", "\u180e", "\0", " \u2060 "]) {
    const want = `"content":${JSON.stringify(text)}`;
    assert(assistant({ content: text, tool_calls })?.includes(want), JSON.stringify(text));
  }
  assert(assistant({ content: null, tool_calls })?.startsWith('{"role":"assistant","tool_calls"'));
});

Deno.test("contract 2: media parts have a url and an id, which may be null", () => {
  const image = { type: "image_url", image_url: { url: "ms://file-1", detail: "high" } };
  assertEquals(
    textOf({ role: "user", content: [image] }),
    '{"role":"user","content":[{"type":"image_url","image_url":{"url":"ms://file-1","id":null}}]}',
  );
});

Deno.test("contract 2: empty text parts are left out, and a single remaining text becomes a string", () => {
  const [empty, text] = [{ type: "text", text: "" }, { type: "text", text: "b" }];
  const image = { type: "image_url", image_url: { url: "ms://u" } };
  const content = (...parts: unknown[]) => {
    const message = convertMessage({ role: "user", content: parts }, true, emptyTotals());
    return isObject(message) ? message.content : undefined;
  };
  assertEquals(content(empty, text, empty), "b");
  assertEquals(content(text, empty, text), [text, text]);
  assertEquals(content(empty, image), [{
    type: "image_url",
    image_url: { url: "ms://u", id: null },
  }]);
});

Deno.test("an empty assistant message is left out and not counted", () => {
  const empty = [{ type: "text", text: "" }];
  for (const over of [{}, { content: null }, { content: empty }, { reasoning_content: "" }]) {
    const totals = emptyTotals();
    const message = { role: "assistant", content: "", ...over };
    assertEquals(convertMessage(message, true, totals), undefined);
    assertEquals(totals, emptyTotals());
  }
  assertEquals(assistant({ content: " " }), '{"role":"assistant","content":" "}');
  assertEquals(
    assistant({ reasoning_content: "t" }),
    '{"role":"assistant","content":[],"reasoning_content":"t"}',
  );
});

Deno.test("convertMessage() accepts whatever was repaired, writes to none and orders the keys", () => {
  const order = ["role", "content", "tool_calls", "tool_call_id", "reasoning_content"];
  const keys = [
    ...order,
    "type",
    "text",
    "image_url",
    "url",
    "id",
    "function",
    "name",
    "arguments",
  ];
  const roles = fc.constantFrom("system", "user", "assistant", "tool");
  const any = jsonWith([...keys, "user", "assistant", "tool", "system"]);
  fc.assert(
    fc.property(any, roles, any, any, fc.boolean(), (raw, role, content, calls, thinks) => {
      const message = { role, content, tool_calls: [calls], tool_call_id: "i", ...Object(raw) };
      const raws = [raw, { ...message, role }, { ...message, role, content, tool_calls: calls }];
      for (const given of raws.flatMap(repaired)) {
        const text = JSON.stringify(given);
        const totals = emptyTotals();
        const made = convertMessage(deepFreeze(given), thinks, totals);
        assertEquals(JSON.stringify(given), text);
        assertEquals(textOf(JSON.parse(text), thinks), JSON.stringify(made));
        assert(Number.isSafeInteger(totals.tokens) && totals.tokens >= 0, `${totals.tokens}`);
        if (made === undefined) continue;
        const names = Object.keys(made);
        assertEquals(names, order.filter((name) => names.includes(name)));
      }
    }),
    { numRuns: 300 },
  );
});
