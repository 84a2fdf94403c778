import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { measure } from "../../../lib/kimi/chat_body/conversation.ts";
import { estimateTokens, textSize, tokensOf } from "../../../lib/kimi/chat_body/tokens.ts";
import { convertTool, KIMI_CLI } from "../../../lib/kimi/kimi_cli/body.ts";
import { completionTokens } from "../../../lib/kimi/kimi_cli/token_budget.ts";
import {
  assertGolden,
  convert,
  type KosongMessage,
  readRows,
  sdkMessage,
  sdkTool,
  utf16,
} from "../../support/vectors.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";

interface Row<Input, Output = number> {
  readonly name: string;
  readonly input: Input;
  readonly output: Output;
}

/** kimi-cli adds this before it calls the function of the rows; ours adds it inside. */
const MARGIN = 1024;
const CHUNK = 16_384;

function rows<Input, Output = number>(name: string): readonly Row<Input, Output>[] {
  const all = readRows<Row<Input, Output>>("completion-tokens");
  return all.filter((row) => row.name.startsWith(name));
}

function naiveSize(text: string): { ascii: number; other: number } {
  let [ascii, other] = [0, 0];
  for (const point of text) {
    if (point < "\x80") ascii++;
    else other++;
  }
  return { ascii, other };
}

Deno.test("every row of completion-tokens.json is used by a test", () => {
  const known =
    /^(compute_max_completion_tokens|_estimate_text_tokens|_estimate_tool_tokens|_estimate_message_tokens|estimate_request_tokens|KimiSoul\._compute_completion_overrides)\b/;
  const others = readRows<Row<unknown>>("completion-tokens").filter(({ name }) =>
    !known.test(name)
  );
  assertEquals(others, []);
});

Deno.test("contract 4: completionTokens() equals kimi-cli's", () => {
  interface Input {
    readonly max_context_size: number;
    readonly input_tokens: number;
    readonly response_budget: number | null;
  }
  assertGolden({
    rows: rows<Input>("compute_max_completion_tokens"),
    ours: ({ input }) =>
      completionTokens({
        contextLength: input.max_context_size,
        inputTokens: input.input_tokens - MARGIN,
        ...(input.response_budget === null ? {} : { cap: input.response_budget }),
      }),
    theirs: ({ output }) => output,
    leftOut: {
      "compute_max_completion_tokens, default fallback":
        "kimi-cli never calls it without its reserved_context_size of 50000",
    },
  });
});

Deno.test("contract 4: estimateTokens() equals kimi-cli's", () => {
  assertGolden({
    rows: rows<{ readonly text: string }>("_estimate_text_tokens"),
    ours: ({ input }) => estimateTokens(input.text),
    theirs: ({ output }) => output,
  });
});

Deno.test("contract 4: the estimate of a whole request equals kimi-cli's", () => {
  interface Input {
    readonly system_prompt: string;
    readonly tools: readonly JsonObject[];
    readonly history: readonly KosongMessage[];
  }
  assertGolden({
    rows: rows<Input>("estimate_request_tokens"),
    ours: ({ input }) => {
      const { system_prompt: system, tools, history } = input;
      const { tokens } = measure([
        ...(system === "" ? [] : [{ role: "system", content: system }]),
        ...history.map(sdkMessage),
      ], {
        ...{ form: KIMI_CLI.messages, isThinking: false, cacheKey: "" },
        ...{ answered: new Map(), notes: new Set() },
      });
      return tools.reduce((sum, tool) => sum + convertTool(sdkTool(tool)).tokens, tokens);
    },
    theirs: ({ output }) => output,
  });
});

Deno.test("contract 4: estimate, last answer, context and cap are combined as in kimi-cli", () => {
  interface Input {
    readonly max_context_size: number;
    readonly "configured max_completion_tokens": number | null | "unset";
    readonly input_tokens_floor: number;
    readonly estimate: number;
  }
  const [first, more] = ["x".repeat(4 * 2104), "1234"];
  const messages = [
    { role: "user", content: first },
    { role: "assistant", content: "a" },
    { role: "user", content: more },
  ];
  assertGolden({
    rows: rows<Input, { readonly max_completion_tokens: number } | null>("KimiSoul"),
    ours: ({ input }) => {
      const cap = input["configured max_completion_tokens"];
      const floor = input.input_tokens_floor;
      const sent = convert({ messages: messages.slice(0, 1) }).conversation;
      const last = { count: 1, mark: sent.mark, total: floor - 1 };
      const { body, conversation } = convert({ messages }, {
        contextLength: input.max_context_size,
        settings: { problems: [], ...(cap === "unset" ? {} : { maxCompletionTokens: cap }) },
        answered: new Map(floor === 0 ? [] : [[sent.key, last]]),
      });
      assertEquals([conversation.tokens, conversation.floor], [input.estimate, floor]);
      return body.max_completion_tokens;
    },
    theirs: ({ output }) => output?.max_completion_tokens,
  });
});

Deno.test("contract 4: textSize() counts code points", () => {
  fc.assert(
    fc.property(utf16, fc.integer({ min: 0, max: 40 }), (text, times) => {
      assertEquals(textSize(text), naiveSize(text));
      const long = text.repeat(times);
      assertEquals(textSize(long), naiveSize(long));
    }),
    { numRuns: 300 },
  );
});

Deno.test("contract 4: textSize() is right for every length and chunk border", () => {
  const middles = [
    "😀",
    "\ud83d",
    "\ude00",
    "\ud83d\ud83d",
    "\ude00\ud83d",
    "名",
    "é",
    "a",
    "😀😀😀",
  ];
  for (const filler of ["a", "名", "\ud83d"]) {
    for (const middle of middles) {
      for (const border of [0, 24, 1020, CHUNK, 2 * CHUNK - 1]) {
        for (let before = Math.max(0, border - 3); before <= border + 1; before++) {
          const text = `${filler.repeat(before)}${middle}b`;
          const what = `${before} of ${JSON.stringify(filler)}, then ${JSON.stringify(middle)}`;
          assertEquals(textSize(text), naiveSize(text), what);
        }
      }
    }
  }
});

Deno.test("contract 4: textSize() does not overflow on long texts without ASCII", () => {
  for (const text of ["é", "名", "😀", "\ud83d ", "ab名é😀"]) {
    const long = text.repeat(40_000);
    assertEquals(textSize(long), naiveSize(long));
  }
});

Deno.test("contract 4: estimateTokens() counts four ASCII characters or one other as a token", () => {
  assertEquals([0, 1, 4, 5, 8].map((ascii) => tokensOf({ ascii, other: 0 })), [0, 1, 1, 2, 2]);
  assertEquals(tokensOf({ ascii: 5, other: 7 }), 9);
});

Deno.test("contract 4: completionTokens() is at least 1 and within cap and context for arbitrary numbers", () => {
  const count = fc.integer({ min: -10, max: 2_000_000 });
  fc.assert(
    fc.property(count, count, fc.option(count, { nil: undefined }), (context, input, cap) => {
      const tokens = completionTokens({
        contextLength: context,
        inputTokens: input,
        ...(cap === undefined ? {} : { cap }),
      });
      const most = [1, cap ?? (context > 0 ? context : 50_000)];
      assertEquals(tokens >= 1 && tokens <= Math.max(...most), true, `${tokens}`);
      if (context > 0 && tokens > 1) {
        assertEquals(tokens + Math.max(0, input + MARGIN) <= context, true);
      }
    }),
  );
});
