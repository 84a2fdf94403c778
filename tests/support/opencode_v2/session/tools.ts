/**
 * Tools of one location (core tool.ts 1001f905 and tool/runtime.ts 0ad62326, plugin promise/tool.ts 196e4612,
 * adapter 07bc181c, codemode/tool.ts 00268ecd).
 */

import type { Registration } from "../transforms.ts";
import { type Callback, isFunction, isObject, type Json, object, refuse } from "../types.ts";
import type { Tool } from "../turn/body.ts";
import type { Sessions } from "./store.ts";

const HOOKS = ["execute.before", "execute.after"];

/** The tool of Code Mode, through which a model reaches all tools that are not offered by themselves. */
const CODE_MODE = "execute";

/** A call that a model makes. */
export interface ToolCall {
  readonly session: string;
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly agent?: string;
  readonly signal?: AbortSignal;
  /** What a tool of the host's own gives, or a failure. */
  readonly own?: Json | Error;
  /** Calls that the code of an `execute` makes: they have its id. */
  readonly nested?: readonly Pick<ToolCall, "name" | "input" | "own">[];
}

/** The tools of a location. */
export interface Tools {
  /** A fresh value for the transforms. */
  readonly editor: () => object;
  readonly hook: (plugin: string, name: unknown, callback: unknown) => Promise<Registration>;
  readonly drop: (plugin: string) => void;
  /** What a request offers to an agent with these rules. */
  readonly offered: (isDenied: (action: string) => boolean) => readonly Tool[];
  readonly ids: () => readonly string[];
  /** Runs a call and stores it with the session. */
  readonly call: (call: ToolCall) => Promise<Json>;
}

/** Makes an empty list. */
export function createTools(sessions: Sessions, log: (line: string) => void): Tools {
  let tools = new Map<string, Json>();
  let hooks: readonly { plugin: string; name: string; callback: Callback }[] = [];
  const run = async (name: string, event: Json) => {
    for (const each of hooks) if (each.name === name) await each.callback(event);
  };

  async function runOne(call: ToolCall): Promise<Json> {
    const { session: sessionID, agent = "build", id, name, input } = call;
    const common = { tool: name, sessionID, agent, messageID: "msg_1", id };
    const before: Record<string, unknown> = { ...common, input };
    await run("execute.before", before);
    for (const nested of call.nested ?? []) await runOne({ ...call, nested: [], ...nested });
    const result = call.own ?? await runOf(tools.get(name), call, before.input);
    if (result instanceof Error) {
      const error = { message: result.message };
      await run("execute.after", { ...common, input, status: "error", error });
      return { status: "error", error };
    }
    const after: Record<string, unknown> = { ...common, input, status: "completed", result };
    await run("execute.after", after);
    return { status: "completed", ...object(after.result) };
  }

  return {
    editor: () => toolEditor(tools = new Map(), log),
    hook(plugin, name, callback) {
      if (typeof name !== "string" || !HOOKS.includes(name)) throw new TypeError("unknown hook");
      if (!isFunction(callback)) throw new TypeError("a hook is a function");
      const entry = { plugin, name, callback };
      hooks = [...hooks, entry];
      return Promise.resolve({
        dispose() {
          hooks = hooks.filter((other) => other !== entry);
          return Promise.resolve();
        },
      });
    },
    drop: (plugin) => void (hooks = hooks.filter((hook) => hook.plugin !== plugin)),
    offered: (isDenied) =>
      [...tools.values()]
        .filter(({ options }) => object(options).codemode === false)
        .map(definition)
        .filter(({ name }) => !isDenied(name)),
    ids: () => [...tools.keys()],
    async call(call) {
      const result = await runOne(call);
      const state = { ...result, input: call.input };
      const tool = { type: "tool", id: call.id, name: call.name, state };
      sessions.add(call.session, { type: "assistant", content: [tool] });
      return result;
    },
  };
}

/** What a plugin's tool throws is a defect; one without `output` may not give it. */
async function runOf(tool: Json | undefined, call: ToolCall, input: unknown): Promise<Json> {
  const { session: sessionID, agent = "build", id, signal = new AbortController().signal } = call;
  if (!isFunction(tool?.execute)) throw new TypeError(`there is no tool ${call.name}`);
  const result = await tool.execute(input, {
    ...{ sessionID, agent, messageID: "msg_1", id, signal },
    progress: () => Promise.resolve(),
  });
  if (!isObject(result)) throw new TypeError("a tool's result is an object");
  refuse("output" in result, "Tool result declared output without an output schema");
  refuse(typeof result.content !== "string", "content");
  return { ...result, content: [{ type: "text", text: result.content }] };
}

function definition({ name, description, input }: Json): Tool {
  return { name: String(name), description: String(description), parameters: object(input) };
}

/** What is wrong is logged, and left out. */
function toolEditor(tools: Map<string, Json>, log: (line: string) => void): object {
  return {
    list: () => [...tools.values()],
    get: (id: string) => tools.get(id),
    namespace() {},
    add(tool: unknown) {
      const { name, description, input, execute, options } = object(tool);
      const isRight = /^[A-Za-z0-9_-]{1,64}$/.test(String(name)) && isObject(input) &&
        typeof description === "string" && isFunction(execute) &&
        !(name === CODE_MODE && object(options).codemode === false);
      if (!isRight) return log(`Skipping invalid tool registration ${name}`);
      structuredClone(input);
      tools.set(String(name), object(tool));
    },
    remove: (id: string) => void tools.delete(id),
  };
}
