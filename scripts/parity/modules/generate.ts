/**
 * Generated conversations, as opencode holds them: the same in every run, and free of deviations.
 */
import type { Message, Spec } from "../../../tests/support/conversations.ts";
import { type Random, seeded } from "./random.ts";
import { toolParameters } from "./schemas.ts";

export interface Conversation extends Spec {
  readonly name: string;
}

const SEED = 20260402;

const THINKING_EFFORTS = ["default", "off", "low", "medium", "high", "max"];
const CONTEXTS = [262_144, 262_144, 1_048_576, 131_072, 32_768, 2_048, 0];

/** The smallest PNG, and the first bytes of a JPEG. */
const IMAGES = [
  [
    "image/png",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=",
  ],
  ["image/jpeg", "/9j/4AAQSkZJRgABAQEASABIAAD/2wBD"],
] as const;

/** Text beside a tool call: blank to Python, to JavaScript, to both or to neither. */
const BESIDE_CALLS = [
  " ",
  "\n\t",
  "\u001c\u001f",
  "\u0085",
  "\u00a0\u3000",
  "\u200b",
  "\ufeff",
  ".",
];

const ARGUMENTS: readonly unknown[] = [
  {},
  { path: "a/b.ts" },
  { command: 'printf "\\n" | tr -d "\r"', timeout: 120000 },
  { text: "größe \u2028 𠮷 👩‍💻", nested: { list: [1, 2.5, null, true, ["a"]] } },
  [],
  { "": 0, type: "x" },
];

/** Makes conversations: one for each edge case, then random ones. */
export function generatedConversations(): readonly Conversation[] {
  const random = seeded(SEED);
  return [
    ...edges(),
    ...Array.from({ length: 40 }, (_, index) => conversation(random, `chance-${index + 1}`)),
  ];
}

/** Makes conversations of several requests, and the token counts of the service; null for none. */
export function generatedTurns(): readonly (Conversation & {
  readonly totals: readonly (number | null)[];
})[] {
  const random = seeded(SEED + 1);
  return Array.from({ length: 10 }, (_, index) => {
    const made = conversation(random, `turns-${index + 1}`, 3);
    const answers = made.messages.filter(({ role }) => role === "assistant").length;
    const requests = made.messages.at(-1)?.role === "assistant" ? answers : answers + 1;
    const scale = random.pick([1, 10, 40]);
    // The last ones have large and few counts, so that the estimate of what follows matters.
    const totals = Array.from(
      { length: requests },
      (_, turn) => index < 6 ? (turn + 1) * scale * 97 : turn % 3 === 0 ? (turn + 1) * 9_700 : null,
    );
    return { ...made, totals };
  });
}

function conversation(random: Random, name: string, rounds = 1 + random.below(3)): Conversation {
  const tools = random.list(0, 3, (index) => ({
    name: `tool_${index}`,
    description: random.chance(90) ? random.text(2) : "",
    parameters: toolParameters(random),
  }));
  const base = {
    name,
    session: `ses_${random.below(2 ** 32).toString(16).padStart(8, "0")}`,
    effort: random.pick(THINKING_EFFORTS),
    context: random.pick(CONTEXTS),
    tools,
  };
  const messages: Message[] = [];
  for (let round = 0; round < rounds; round++) {
    messages.push(userMessage(random), ...answers(random, base.effort === "off", round));
  }
  if (random.chance(60)) messages.push(userMessage(random));
  return random.chance(80) ? { ...base, system: random.text(3), messages } : { ...base, messages };
}

function userMessage(random: Random): Message {
  if (random.chance(75)) return { role: "user", text: random.text(3) };
  const parts = random.list(1, 3, () => {
    const [mediaType, image] = random.pick(IMAGES);
    return random.chance(50)
      ? { type: "text" as const, text: random.text(2) }
      : { type: "image" as const, mediaType, image };
  });
  return { role: "user", parts };
}

/**
 * Makes up to three rounds of calls with their results, then an answer in words. While thinking is on,
 * the service requires reasoning beside each call.
 */
function answers(random: Random, isOff: boolean, round: number): Message[] {
  const messages: Message[] = [];
  for (let step = 0; random.chance(55) && step < 3; step++) {
    const calls = random.list(1, 3, (index) => ({
      id: random.chance(50) ? `bash:${round}${step}${index}` : `call_${round}${step}${index}`,
      name: `tool_${random.below(4)}`,
      args: random.pick(ARGUMENTS),
    }));
    const text = random.chance(50) ? { text: random.pick([...BESIDE_CALLS, random.text(2)]) } : {};
    messages.push({ role: "assistant", ...thought(random, isOff ? 50 : 100), ...text, calls });
    messages.push(...calls.map(({ id, name }) => ({
      role: "tool" as const,
      id,
      name,
      text: random.chance(95) ? random.text(2) : "",
    })));
  }
  const text = random.chance(90) ? { text: random.text(2) } : {};
  const mustThink = text.text === undefined;
  messages.push({ role: "assistant", ...thought(random, mustThink ? 100 : 60), ...text });
  return messages;
}

function thought(random: Random, percent: number): { think?: string } {
  return random.chance(percent) ? { think: random.text(2) } : {};
}

function edges(): Conversation[] {
  const hello: Message = { role: "user", text: "hello" };
  const edge = (name: string, changes: Partial<Conversation>): Conversation => {
    const base = { session: "ses_edge", effort: "default", context: 262_144, tools: [], name };
    return { ...base, ...changes, messages: changes.messages ?? [hello] };
  };
  const many = Array.from({ length: 6 }, (_, index) => `${index}`.repeat(64));
  const tools = Array.from({ length: 128 }, (_, index) => ({
    name: `tool_${index}`,
    description: "",
    parameters: { type: "object", properties: {} },
  }));
  const ownTool = { name: "$web_search", description: "not sent", parameters: {} };
  return [
    ...THINKING_EFFORTS.map((effort) => edge(`effort-${effort}`, { effort })),
    ...[-1, 0, 1, 1_030, 1_048_576].map((context) => edge(`context-${context}`, { context })),
    ...BESIDE_CALLS.map((text, index) =>
      edge(`beside-a-call-${index}`, { messages: [hello, ...called([`bash:${index}`], text)] })
    ),
    edge("six-calls-with-ids-of-64", { messages: [hello, ...called(many, "")] }),
    edge("128-tools", { tools }),
    edge("empty-system", { system: "" }),
    edge("tool-of-the-service", { tools: [ownTool] }),
  ];
}

function called(ids: readonly string[], text: string): Message[] {
  const calls = ids.map((id) => ({ id, name: "bash", args: { command: "ls" } }));
  return [
    { role: "assistant", think: "look", text, calls },
    ...ids.map((id) => ({ role: "tool" as const, id, name: "bash", text: "a b" })),
  ];
}
