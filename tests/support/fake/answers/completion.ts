import { type Json, object } from "../rules/body.ts";
import type { ScriptedAnswer, ScriptedCall } from "../types.ts";

/** What every chunk of an answer repeats. */
interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: unknown;
}

function headOf(body: Json): Head {
  return {
    id: `chatcmpl-${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`,
    created: Math.floor(Date.now() / 1000),
    model: body.model,
  };
}

/** Pieces of so many characters; no character is cut in two. */
function pieces(text: string, size: number): readonly string[] {
  const characters = Array.from(text);
  return Array.from(
    { length: Math.ceil(characters.length / size) },
    (_, index) => characters.slice(index * size, (index + 1) * size).join(""),
  );
}

function idOf(call: ScriptedCall, index: number): string {
  return call.id ?? `${call.name}:${index}`;
}

function callDeltas(call: ScriptedCall, index: number): readonly Json[] {
  const head = { name: call.name, arguments: "" };
  const begin = { index, id: idOf(call, index), type: "function", function: head };
  const rest = pieces(call.arguments, 12).map((part) => ({ index, function: { arguments: part } }));
  return [begin, ...rest].map((piece) => ({ tool_calls: [piece] }));
}

function deltas(answer: ScriptedAnswer): readonly Json[] {
  const key = answer.reasoningKey ?? "reasoning_content";
  const thoughts = answer.reasoning === "" ? [""] : pieces(answer.reasoning ?? "", 12);
  return [
    { role: "assistant", content: "" },
    ...thoughts.map((part) => ({ [key]: part })),
    ...pieces(answer.text ?? "", 12).map((part) => ({ content: part })),
    ...(answer.toolCalls ?? []).flatMap(callDeltas),
  ];
}

function finishOf(answer: ScriptedAnswer): string {
  return (answer.toolCalls ?? []).length > 0 ? "tool_calls" : "stop";
}

/** The data of an answer's events, Moonshot's way; the usage chunk comes when it is asked for. */
export function completionEvents(
  body: Json,
  answer: ScriptedAnswer,
  usage: Json,
): readonly string[] {
  const { id, created, model } = headOf(body);
  const chunk = (choices: readonly Json[], rest: Json = {}) =>
    JSON.stringify({ id, object: "chat.completion.chunk", created, model, choices, ...rest });
  const said = (delta: Json, finish_reason: string | null) =>
    chunk([{ index: 0, delta, finish_reason }], { system_fingerprint: "fpv0_fake" });
  const wantsUsage = object(body.stream_options).include_usage === true;
  return [
    ...deltas(answer).map((delta) => said(delta, null)),
    said({}, finishOf(answer)),
    ...(wantsUsage ? [chunk([], { usage })] : []),
    "[DONE]",
  ];
}

/** The answer in one piece. */
export function completionObject(body: Json, answer: ScriptedAnswer, usage: Json): Json {
  const calls = (answer.toolCalls ?? []).map((call, index) => ({
    id: idOf(call, index),
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  }));
  const message = {
    role: "assistant",
    content: answer.text ?? "",
    ...(answer.reasoning === undefined
      ? {}
      : { [answer.reasoningKey ?? "reasoning_content"]: answer.reasoning }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const { id, created, model } = headOf(body);
  const choices = [{ index: 0, message, finish_reason: finishOf(answer) }];
  return { id, object: "chat.completion", created, model, choices, usage };
}
