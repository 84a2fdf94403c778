/** One location: its plugins, what they registered, and what is asked there (audit; model-resolver 70506085020). */

import { type Attempts, createAttempts } from "./attempts.ts";
import {
  type Catalog,
  isOffered,
  type KnownModels,
  modelEditor,
  overlay,
  type Provider,
  providerEditor,
} from "./catalog.ts";
import { type ContextParts, createContext } from "./context.ts";
import { createHooks } from "./hooks.ts";
import type { HostParts, PluginEntry } from "./host.ts";
import { createResolver, integrationEditor, type Integrations } from "./integrations.ts";
import { admit, type Admitted, type PromptInput } from "./session/store.ts";
import { createTools, type ToolCall } from "./session/tools.ts";
import { createTransforms, type Domain } from "./transforms.ts";
import { resolveModel } from "./turn/resolve.ts";
import { type Question, startTurn, type Turn } from "./turn/turn.ts";
import { type Callback, HostError, isFunction, type Json, messageOf, object } from "./types.ts";

/** How a plugin stands in a location, as `opencode plugin list` prints it. */
export interface PluginState {
  readonly id: string;
  readonly state: "active" | "failed" | "disabled";
  readonly error?: string;
}

/** A location, once its plugins are set up. */
export interface Location {
  readonly directory: string;
  readonly attempts: Attempts;
  readonly plugins: () => readonly PluginState[];
  /** Offered models as `provider/model`, sorted, as `opencode models` prints them. */
  readonly models: () => readonly string[];
  readonly provider: (id: string) => Provider | undefined;
  readonly integrations: () => Integrations;
  readonly ask: (question: Question) => Turn;
  /** A command of the prompt: `/name text`. */
  readonly command: (name: string, sessionID: string, text?: string) => Promise<void>;
  readonly commands: () => readonly string[];
  /** Stores a prompt, after its hooks. */
  readonly prompt: (input: PromptInput) => Promise<Admitted>;
  /** Runs a tool, as the model asks for it. */
  readonly call: (call: ToolCall) => Promise<Json>;
  readonly tools: () => readonly string[];
  readonly hookCount: () => number;
  /** How often transforms ran. */
  readonly transformRuns: () => number;
  /** Runs all transforms again, as the host does at any time. */
  readonly replay: () => void;
  /** Tears down the plugins from this place on, and sets them up again. */
  readonly reload: (from?: number) => Promise<void>;
  /** Tears all plugins down: without an event for 60 min, or at the end of the service. */
  readonly evict: () => Promise<void>;
}

/** Makes a location and sets its plugins up, one after another. */
export async function openLocation(host: HostParts, directory: string): Promise<Location> {
  const { table, clock, switches, version, events, notes, config } = host;
  let integrations: Integrations = new Map();
  let catalog: Catalog = new Map();
  let commands = new Map<string, Json>();
  const known: KnownModels = new WeakMap();
  const hooks = createHooks();
  const tools = createTools(host.sessions, (line) => void notes.log.push(line));
  // Upstream's own rules for each agent.
  const rules =
    () => [{ action: "*", resource: "*", effect: "allow" }, ...config.permissions ?? []];
  const offeredTools = () =>
    tools.offered((action) => {
      const last = rules().findLast((rule) => rule.action === action || rule.action === "*");
      return last?.effect === "deny" && last.resource === "*";
    });
  const states: PluginState[] = [];
  const cleanups = new Map<string, Callback>();
  const rebuild = (domain: Domain) => {
    if (domain === "integration") {
      transforms.run(domain, () => integrationEditor(integrations = new Map()));
      events.emit("integration.updated", {});
    } else if (domain === "tool") {
      transforms.run(domain, tools.editor);
    } else if (domain === "command") {
      transforms.run(domain, () => commandEditor(commands = new Map()));
    } else {
      transforms.run("provider", () => providerEditor(catalog = new Map(), known));
      transforms.run("model", () => modelEditor(catalog));
      // The user's config wins over what plugins add.
      overlay(catalog, object(config.providers));
    }
  };
  const undo = (id: string) => {
    transforms.drop(id);
    hooks.drop(id);
    tools.drop(id);
    events.end(`${directory} ${id}`);
  };
  const rebuildAll = () =>
    (["integration", "provider", "command", "tool"] as const).forEach(rebuild);
  const transforms = createTransforms(rebuild, (id, error) => {
    undo(id);
    setState(states, { id, state: "failed", error });
    rebuildAll();
  });
  const resolver = createResolver({
    table,
    clock,
    integrations: () => integrations,
    flights: switches.singleFlight ? host.flights : undefined,
  });
  const log = (line: string) => void notes.log.push(line);
  const { dropsCallback } = switches;
  const attempts = createAttempts({
    ...{ table, clock, dropsCallback, log },
    integrations: () => integrations,
    emit: events.emit,
  });
  const offered = () => {
    const connections = {
      active: (id: string) => resolver.active(id),
      hasIntegration: (id: string) => integrations.has(id),
    };
    return [...catalog.values()].filter((provider) => isOffered(provider, connections));
  };
  const modelsOf = (provider: Provider) =>
    [...provider.models.values()].filter(({ enabled }) => enabled !== false);
  const parts: ContextParts = {
    ...{ version, directory, transforms, hooks, attempts, resolver, rebuild, events, notes },
    ...{ storage: host.storage, sessions: host.sessions, tools, rules, switches },
    integrations: () => integrations,
    providers: () => [...catalog.values()].map(({ info }) => info),
    models: () => offered().flatMap(modelsOf),
  };
  const setUpFrom = async (from: number) => {
    states.splice(from);
    for (const [index, entry] of host.plugins.entries()) {
      if (index < from) continue;
      const { disabled } = config;
      const state = await setUp(entry, { parts, states, cleanups, disabled, undo });
      if (!states.includes(state)) states.push(state);
    }
    rebuildAll();
  };
  const tearDown = async (from: number) => {
    for (const { id } of states.slice(from)) {
      await Promise.resolve(cleanups.get(id)?.()).catch((error) => log(messageOf(error)));
      cleanups.delete(id);
      undo(id);
    }
  };
  await setUpFrom(0);
  return {
    directory,
    attempts,
    plugins: () => [...states],
    models: () =>
      offered().flatMap((one) => modelsOf(one).map(({ id }) => `${one.info.id}/${id}`)).sort(),
    provider: (id) => catalog.get(id),
    integrations: () => integrations,
    ask: (question) =>
      startTurn(
        {
          ...{ hooks, clock, switches, version: version.name },
          resolve: (name) => resolveModel(name, offered(), resolver),
        },
        question.kind === "title"
          ? question
          : { ...question, tools: [...question.tools ?? [], ...offeredTools()] },
      ),
    async command(name, sessionID, text = "") {
      const execute = commands.get(name)?.execute;
      if (!isFunction(execute)) throw new HostError(404, `there is no command ${name}`);
      await execute({ sessionID, prompt: { text }, delivery: "queue" });
    },
    commands: () => [...commands.keys()],
    prompt: (input) => admit(hooks, host.sessions, input),
    call: tools.call,
    tools: tools.ids,
    hookCount: hooks.count,
    transformRuns: () => transforms.runs,
    replay: rebuildAll,
    async reload(from = 0) {
      await tearDown(from);
      await setUpFrom(from);
    },
    evict: () => tearDown(0),
  };
}

function setState(states: PluginState[], state: PluginState): void {
  const place = states.findIndex(({ id }) => id === state.id);
  states.splice(place === -1 ? states.length : place, place === -1 ? 0 : 1, state);
}

interface SetUp {
  readonly parts: ContextParts;
  readonly states: readonly PluginState[];
  readonly cleanups: Map<string, Callback>;
  readonly disabled: readonly string[] | undefined;
  readonly undo: (id: string) => void;
}

/** A plugin that fails does not keep the others from loading. */
async function setUp({ module, options = {} }: PluginEntry, given: SetUp): Promise<PluginState> {
  const { parts, states, cleanups, disabled = [], undo } = given;
  const { id, setup } = object(module);
  if (typeof id !== "string" || !isFunction(setup)) {
    return { id: String(id), state: "failed", error: "the module is not a plugin" };
  }
  if (disabled.includes(`-${id}`)) return { id, state: "disabled" };
  if (states.some((state) => state.id === id)) {
    return { id, state: "failed", error: `the id ${id} is taken` };
  }
  const before = states.length;
  try {
    const cleanup = await setup(createContext(parts, `${id}`, options));
    if (isFunction(cleanup)) cleanups.set(id, cleanup);
    else if (cleanup !== undefined) parts.notes.faults.push(`${id}: setup gave no function`);
  } catch (error) {
    undo(id);
    return { id, state: "failed", error: messageOf(error) };
  }
  // A wrong transform has put its state there meanwhile.
  const failed = states.slice(before).find((state) => state.id === id);
  return failed ?? { id, state: "active" };
}

function commandEditor(commands: Map<string, Json>): object {
  return {
    list: () => [...commands.values()],
    add(command: unknown) {
      const { name, execute } = object(command);
      if (typeof name !== "string" || !isFunction(execute)) throw new TypeError("name, execute");
      commands.set(name, object(command));
    },
  };
}
