/** Conversations whose messages kimi-code writes in a form of its own. */

import type { Message } from "../../../tests/support/conversations.ts";
import { type CodeConversation, conversation } from "./cases.ts";

const HELLO: Message = { role: "user", text: "hello" };
const DONE: Message = { role: "assistant", think: "so", text: "done" };

/** Ids of calls, as this and other services make them. */
const IDS = [
  "Bash:0",
  "Bash_0",
  "call_aZ-09",
  "functions.bash:1",
  "größe:0",
  "a b\tc",
  "x".repeat(64),
  `${"x".repeat(64)}y`,
  `${"é:".repeat(40)}`,
  "\ud83d\ude80",
];

const BLANKS = ["", " ", "\n\t", "\u001c", "\u0085", "\u00a0", "\u200b", "\ufeff", "."];

const IMAGE = {
  type: "image" as const,
  mediaType: "image/png",
  image:
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=",
};

const part = (text: string) => ({ type: "text" as const, text });

/** Each at effort high, off, and with earlier reasoning not kept. */
export function messageCases(): readonly CodeConversation[] {
  return [...ids(), ...blanks(), ...images(), ...reasoning(), ...results()].flatMap((given) => [
    given,
    { ...given, name: `${given.name}/off`, effort: "off" },
    {
      ...given,
      name: `${given.name}/forgets`,
      variables: { KIMI_MODEL_THINKING_KEEP: "off" },
    },
  ]);
}

function ids(): readonly CodeConversation[] {
  return [
    ...IDS.map((id, index) => conversation(`id-${index}`, HELLO, ...called([id]), DONE)),
    conversation("ids-that-become-equal", HELLO, ...called(["a:0", "a_0", "a.0"]), DONE),
    conversation("long-ids-that-become-equal", HELLO, ...called(alike(3)), DONE),
    conversation("id-again", HELLO, ...called(["Bash:0"]), ...called(["Bash:0"]), DONE),
    conversation("id-twice-in-one-answer", HELLO, ...called(["Bash:0", "Bash:0"]), DONE),
    conversation("id-again-and-again", HELLO, ...repeated("Bash:0", 12), DONE),
    conversation("id-like-a-second", HELLO, ...called(["Bash:0__2"]), ...repeated("Bash:0", 3)),
  ];
}

function blanks(): readonly CodeConversation[] {
  return BLANKS.flatMap((text, index) => [
    conversation(`blank-beside-call-${index}`, HELLO, ...called(["a"], { text })),
    conversation(`blank-answer-${index}`, HELLO, { role: "assistant", think: "so", text }, HELLO),
    conversation(`blank-result-${index}`, HELLO, ...called(["a"], {}, text), DONE),
    conversation(`blank-part-${index}`, { role: "user", parts: [part(text), IMAGE] }, DONE),
  ]);
}

function images(): readonly CodeConversation[] {
  const asked = (...parts: NonNullable<Message["parts"]>): Message => ({ role: "user", parts });
  return [
    conversation("image", asked(IMAGE)),
    conversation("image-after-text", asked(part("see"), IMAGE)),
    conversation("images-and-texts", asked(IMAGE, part("a"), part("b"), IMAGE), DONE, HELLO),
    conversation("two-texts", asked(part("a"), part("b")), DONE),
  ];
}

function reasoning(): readonly CodeConversation[] {
  return [
    conversation("no-reasoning", HELLO, { role: "assistant", text: "hi" }, HELLO),
    conversation("no-reasoning-beside-call", HELLO, ...called(["a"], { think: undefined }), DONE),
    conversation("empty-reasoning", HELLO, { role: "assistant", think: "", text: "hi" }, HELLO),
    conversation("empty-reasoning-beside-call", HELLO, ...called(["a"], { think: "" }), DONE),
    conversation("only-reasoning", HELLO, { role: "assistant", think: "so" }, HELLO),
    conversation("nothing", HELLO, { role: "assistant" }, HELLO),
  ];
}

function results(): readonly CodeConversation[] {
  const [call, first, second] = called(["a", "b"]);
  const all = (...messages: readonly (Message | undefined)[]) =>
    [HELLO, ...messages, DONE].filter((message) => message !== undefined);
  return [
    conversation("results-in-another-order", ...all(call, second, first)),
    conversation("result-missing", ...all(call, first)),
    conversation("results-missing", ...all(call)),
    conversation("result-without-call", ...all(first)),
  ];
}

interface Beside {
  readonly think?: string | undefined;
  readonly text?: string;
}

/** A message with calls of these ids, and their results. */
function called(ids: readonly string[], beside: Beside = {}, result = "a b"): Message[] {
  const { think = "think" in beside ? undefined : "look", text } = beside;
  const calls = ids.map((id, index) => ({ id, name: "bash", args: { index } }));
  return [
    {
      role: "assistant",
      ...(think === undefined ? {} : { think }),
      ...(text === undefined ? {} : { text }),
      calls,
    },
    ...ids.map((id) => ({ role: "tool" as const, id, name: "bash", text: result })),
  ];
}

function repeated(id: string, times: number): Message[] {
  return Array.from({ length: times }, () => called([id])).flat();
}

/** Ids of over 64 characters with the same beginning. */
function alike(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${"z".repeat(70)}${index}`);
}
