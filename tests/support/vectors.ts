/** Rows of the golden data, and what the tests of this folder share. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { BodyContext, ChatBody } from "../../lib/kimi/chat/body.ts";
import {
  convertMessage as convertTo,
  type MessageTotals,
} from "../../lib/kimi/chat_body/messages.ts";
import { chatBody, KIMI_CLI } from "../../lib/kimi/kimi_cli/body.ts";
import type { JsonObject } from "../../lib/kimi/util/json.ts";

const FOLDER = new URL("../data/kimi-cli-1.51.0/", import.meta.url);

/** What the real kimi-cli did. */
export function readRows<Row>(file: string): readonly Row[] {
  return JSON.parse(Deno.readTextFileSync(new URL(`${file}.json`, FOLDER)));
}

/** Rows, what we make of each and what kimi-cli made of it. */
export interface Golden<Row> {
  readonly rows: readonly Row[];
  readonly ours: (row: Row) => unknown;
  readonly theirs: (row: Row) => unknown;
  /** Rows that differ, by name, each with its reason. */
  readonly leftOut?: Readonly<Record<string, string>>;
}

/** Holds all rows to be equal but for those left out, and holds each of those to differ. */
export function assertGolden<Row extends { readonly name: string }>(golden: Golden<Row>): void {
  const { rows, ours, theirs, leftOut = {} } = golden;
  const problems: string[] = rows.length === 0 ? ["there are no rows"] : [];
  for (const row of rows) {
    const [got, want] = [ours(row), theirs(row)];
    const reason = Object.hasOwn(leftOut, row.name) ? leftOut[row.name] : undefined;
    if (got !== want && reason === undefined) problems.push(`${row.name}: ${got}, not ${want}`);
    if (got === want && reason !== undefined) {
      problems.push(`${row.name} is left out (${reason}), but does not differ`);
    }
  }
  const names = new Set(rows.map(({ name }) => name));
  for (const name of Object.keys(leftOut)) {
    if (!names.has(name)) problems.push(`${name} is left out, but there is no such row`);
  }
  assertEquals(problems, []);
}

/** A message as the golden data spells it. */
export interface KosongMessage {
  readonly role: string;
  readonly content: string | readonly JsonObject[];
  readonly name?: string;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: string | null;
    readonly extras?: unknown;
  }[];
}

function partOf(part: JsonObject): JsonObject {
  if (part.text !== undefined) return { type: "text", text: part.text };
  const [[type, media] = ["", undefined]] = Object.entries(part);
  return { type, [type]: typeof media === "string" ? { url: media } : media };
}

/** The same message as opencode's SDK would write it. */
export function sdkMessage(message: KosongMessage): JsonObject {
  const { content, tool_calls, ...rest } = message;
  const parts = typeof content === "string" ? [] : content;
  const thoughts = parts.filter(({ think }) => think !== undefined).map(({ think }) =>
    typeof think === "string" ? think : (think as { think: string }).think
  );
  const said = parts.filter(({ think }) => think === undefined).map(partOf);
  return {
    ...rest,
    content: typeof content === "string" ? content : said,
    ...(thoughts.length === 0 ? {} : { reasoning_content: thoughts.join("") }),
    ...(tool_calls === undefined ? {} : {
      tool_calls: tool_calls.map(({ id, name, arguments: args, ...more }) => ({
        id,
        type: "function",
        function: { name, arguments: args },
        ...more,
      })),
    }),
  };
}

/** A tool as opencode's SDK writes it. */
export function sdkTool(definition: JsonObject): JsonObject {
  return { type: "function", function: definition };
}

/** What `convertMessage` adds to. */
export function emptyTotals(): MessageTotals {
  return { tokens: 0, textPoints: 0, mediaLength: 0, notes: new Set() };
}

/** Converts a message to kimi-cli's form. */
export function convertMessage(
  message: JsonObject,
  isThinking: boolean,
  totals: MessageTotals,
): JsonObject | undefined {
  return convertTo(message, { form: KIMI_CLI.messages, isThinking, totals });
}

/** What a body depends on, with nothing set. */
export function bodyContext(over: Partial<BodyContext> = {}): BodyContext {
  return {
    contextLength: 262_144,
    settings: { problems: [] },
    userKeys: [],
    answered: new Map(),
    ...over,
  };
}

/** The body for opencode's body. */
export function convert(body: JsonObject, over: Partial<BodyContext> = {}): ChatBody {
  return chatBody(body, bodyContext(over));
}

/** The serialised body for opencode's body. */
export function sent(body: JsonObject, over: Partial<BodyContext> = {}): string {
  return JSON.stringify(convert(body, over).body);
}

/** Freezes a value and all that it holds: whoever writes to it then throws. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}

/** Strings of UTF-16 units, many of them halves of pairs. */
export const utf16: fc.Arbitrary<string> = fc.array(
  fc.oneof(
    fc.constantFrom(...'aZ09 \n\t"\\{}:'),
    fc.constantFrom("\x7f", "\x80", "\x9f", "é", "名", "\u2028", "\ufeff", "😀", "𠮷"),
    fc.integer({ min: 0xd7f0, max: 0xe010 }).map((unit) => String.fromCharCode(unit)),
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  ),
  { maxLength: 40 },
).map((units) => units.join(""));

/** Any JSON value, with keys that have a meaning somewhere. */
export function jsonWith(keys: readonly string[]): fc.Arbitrary<unknown> {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      fc.oneof(
        fc.constantFrom(null, true, false, 0, -0, 1, 0.5, "", ...keys),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        utf16,
      ),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.oneof(fc.constantFrom("__proto__", "constructor", "0", ...keys), utf16),
        tie("value"),
        { maxKeys: 6, noNullPrototype: true },
      ),
    ),
  }));
  // JSON.parse makes "__proto__" a member like any other, as it comes from outside.
  return value.map((made) => JSON.parse(JSON.stringify(made)));
}

/** Whether the work ends in so many milliseconds; a busy machine is asked more than once. */
export function endsWithin(milliseconds: number, work: () => unknown, tries = 40): boolean {
  for (let time = 0; time < tries; time++) {
    const start = performance.now();
    work();
    if (performance.now() - start < milliseconds) return true;
  }
  return false;
}
