/** Conversations of all forms that both hosts hold alike. */

import fc from "fast-check";
import { CLIENT_NAMES } from "../../../lib/kimi/identity/constants.ts";
import type { Message } from "../../support/conversations.ts";
import { VARIATIONS } from "../../support/opencode_v2/host.ts";

const text = fc.oneof(
  fc.constantFrom("Hello", "名前😀", "a\nb", "  x ", '"quoted"', "1.0"),
  fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" }).filter((s) => s.trim() !== ""),
);
const image = fc.constant(
  {
    type: "image",
    mediaType: "image/png",
    image:
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  } as const,
);
const user: fc.Arbitrary<Message> = fc.oneof(
  text.map((said) => ({ role: "user" as const, text: said })),
  fc.tuple(text, image).map(([said, part]) => ({
    role: "user" as const,
    parts: [{ type: "text" as const, text: said }, part],
  })),
);
const args = fc.oneof(
  fc.constant({}),
  fc.record({ path: text, count: fc.integer() }),
  fc.record({ n: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
);

/** A turn: what the user says, the model's steps with their tools, and its answer. */
const turn = fc.record({
  asked: user,
  steps: fc.array(
    fc.record({
      think: fc.option(text, { nil: undefined }),
      said: fc.option(text, { nil: "" }),
      calls: fc.array(fc.record({ args, result: fc.oneof(text, fc.constant("")) }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    { maxLength: 2 },
  ),
  think: fc.option(text, { nil: undefined }),
  answer: text,
});

type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

/** The conversation of some turns and a last question. */
export function messagesOf(turns: readonly Turn[], last: Message): readonly Message[] {
  let count = 0;
  const thought = (think: string | undefined) => think === undefined ? {} : { think };
  return [
    ...turns.flatMap(({ asked, steps, think, answer }): readonly Message[] => [
      asked,
      ...steps.flatMap((step): readonly Message[] => {
        const calls = step.calls.map((call) => ({ ...call, id: `read:${count++}`, name: "read" }));
        return [
          {
            role: "assistant",
            text: step.said ?? "",
            ...thought(step.think),
            calls: calls.map(({ id, name, args }) => ({ id, name, args })),
          },
          ...calls.map(({ id, name, result }): Message => ({
            role: "tool",
            id,
            name,
            text: result,
          })),
        ];
      }),
      { role: "assistant", text: answer, ...thought(think) },
    ]),
    last,
  ];
}

/** The tool that the conversations call. */
export const READ = {
  name: "read",
  description: "Reads a file",
  parameters: {
    type: "object",
    properties: { path: { type: "string" }, count: { type: "integer" } },
    required: ["path"],
    additionalProperties: false,
  },
};

/** A question at the end of a conversation, and a switch of the host. */
export const question = fc.record({
  system: fc.option(text, { nil: "You help" }),
  effort: fc.constantFrom("default", "off", "low", "medium", "high", "max"),
  agent: fc.constantFrom("build", "build", "build", "title"),
  turns: fc.array(turn, { maxLength: 3 }),
  last: user,
  hasTools: fc.boolean(),
  client: fc.constantFrom(...CLIENT_NAMES),
  variation: fc.constantFrom(...VARIATIONS),
});
