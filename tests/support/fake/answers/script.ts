import { type Json, objects, textOf, thinkingDisabled, toolNames } from "../rules/body.ts";
import type { ScriptedAnswer, ScriptedCall } from "../types.ts";

const SHELLS = ["bash", "Shell", "Bash"]; // opencode's name, kimi-cli's, kimi-code's
const COMMAND = '{"command":"echo hi","description":"Print hi"}';

/** Returns the text of the user messages at the end of the conversation. */
function lastUserText(messages: readonly Json[]): string {
  const from = messages.findLastIndex(({ role }) => role !== "user") + 1;
  return messages.slice(from).map(({ content }) => textOf(content)).join("\n");
}

function countCalls(messages: readonly Json[]): number {
  return messages.reduce((count, { tool_calls }) => count + objects(tool_calls).length, 0);
}

function callsFor(trigger: string, body: Json): readonly Omit<ScriptedCall, "id">[] {
  const named = /\[\[call:([\w.-]+)\s*(\{.*\})?\]\]/s.exec(trigger);
  if (named !== null) return [{ name: named[1] ?? "", arguments: named[2] ?? "{}" }];
  const offered = toolNames(body);
  const shell = SHELLS.find((name) => offered.includes(name));
  if (shell === undefined) return [];
  const bash = { name: shell, arguments: COMMAND };
  if (/\[\[bash(text|blank)?\]\]/.test(trigger)) return [bash];
  if (/\[\[two(text)?\]\]/.test(trigger)) return [bash, bash];
  if (trigger.includes("[[bad]]")) return [{ name: "no_such_tool", arguments: "{}" }];
  return [];
}

function plainText(trigger: string): string {
  const echo = /\[\[echo:(.*?)\]\]/s.exec(trigger);
  if (echo !== null) return echo[1] ?? "";
  const long = /\[\[long:(\d+)\]\]/.exec(trigger);
  if (long === null) return "Hello from the fake Kimi.";
  return Array.from({ length: Number(long[1]) }, (_, index) => `word${index}`).join(" ");
}

function textBeside(trigger: string): string {
  if (/\[\[(bash|two)text\]\]/.test(trigger)) return "I will run it.";
  return trigger.includes("[[bashblank]]") ? " \n" : "";
}

function reasoningFor(trigger: string, body: Json, thought: string): Partial<ScriptedAnswer> {
  if (trigger.includes("EMPTYREASON")) return { reasoning: "" };
  if (thinkingDisabled(body) || trigger.includes("NOREASON")) return {};
  if (trigger.includes("RKEY_REASONING")) return { reasoning: thought, reasoningKey: "reasoning" };
  return { reasoning: thought };
}

/** The beginning of opencode's title request. */
export function isTitleRequest(body: Json): boolean {
  const first = objects(body.messages)[0];
  return first?.role === "system" &&
    textOf(first.content).startsWith("You are a title generator");
}

/** Returns the model's answer, which depends only on the messages. */
export function chooseAnswer(body: Json): ScriptedAnswer {
  const messages = objects(body.messages);
  if (isTitleRequest(body)) {
    return { ...reasoningFor("", body, "A short title."), text: "Talk with the fake Kimi" };
  }
  const last = messages.at(-1);
  if (last?.role === "tool") {
    // kimi-cli wraps its own remarks on a tool's result in <system>.
    const output = textOf(last.content).replace(/<system>.*?<\/system>/gs, "").trim();
    const text = `The tool said: ${output.slice(0, 80)}`;
    return { ...reasoningFor("", body, "I have the output."), text };
  }
  const trigger = lastUserText(messages);
  const calls = callsFor(trigger, body);
  if (calls.length === 0) {
    return { ...reasoningFor(trigger, body, "A greeting will do."), text: plainText(trigger) };
  }
  const count = countCalls(messages);
  return {
    ...reasoningFor(trigger, body, "Let me think."),
    text: textBeside(trigger),
    toolCalls: calls.map((call, index) => ({ ...call, id: `${call.name}:${count + index}` })),
  };
}
