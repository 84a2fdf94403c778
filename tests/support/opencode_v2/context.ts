/** What a plugin's `setup` is given (types of 2.0.16, adapter 07bc181c, audit). */

import type { Attempts } from "./attempts.ts";
import type { Events } from "./events.ts";
import type { Integrations, Resolver } from "./integrations.ts";
import type { Domain } from "./transforms.ts";
import { agentDomain, sessionDomain, type SessionParts, toolDomain } from "./session/domains.ts";
import { isObject, type Json, object, refuse } from "./types.ts";
import type { Version } from "./versions.ts";

/** Keys that some release has: one that this release lacks reads as undefined, any other is a mistake. */
const DOMAINS = [
  ...["app", "location", "options", "agent", "aisdk", "catalog", "command", "credential", "event"],
  ...[
    "experimental",
    "generate",
    "integration",
    "mcp",
    "model",
    "permission",
    "plugin",
    "provider",
  ],
  ...["reference", "rpc", "session", "shell", "skill", "storage", "tool", "vcs", "websearch"],
  "worktree",
];

/** Keys of the domains that the fake plays, beside those that it gives. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  connection: ["status"],
  session: ["create", "list", "messages", "prompt", "abort"],
};

/** What the contexts of one location share. */
export interface ContextParts extends Omit<SessionParts, "rebuild"> {
  readonly version: Version;
  readonly directory: string;
  readonly attempts: Attempts;
  readonly resolver: Resolver;
  readonly integrations: () => Integrations;
  readonly providers: () => readonly Json[];
  readonly models: () => readonly Json[];
  readonly rebuild: (domain: Domain) => void;
  readonly events: Events;
  readonly notes: Notes;
  /** What plugins stored, by their ids: one space for all processes. */
  readonly storage: Map<string, Map<string, string>>;
}

/** What plugins did, for a test to look at. */
export interface Notes {
  /** What a plugin may not do. */
  readonly faults: string[];
  /** `session.synthetic`: the text enters the model's context, the description is shown. */
  readonly synthetic: Json[];
  /** `connection.status`. */
  readonly statuses: Json[];
  readonly activated: string[];
  /** Calls of an early core's context, which wants other values. */
  readonly early: string[];
  /** The service's log. */
  readonly log: string[];
}

/** The context of one plugin in one location. */
export function createContext(parts: ContextParts, plugin: string, options: Json): object {
  const { version, directory } = parts;
  if (version.early === true) return earlyContext(parts, options);
  const project = { id: "prj_1", directory, canonical: directory };
  const catalog = version.catalog ? { catalog: domain(parts, plugin, "other") } : {
    provider: { ...domain(parts, plugin, "provider"), ...reader(parts.providers, "id") },
    model: {
      ...domain(parts, plugin, "model"),
      ...reader(parts.models, "id"),
      default: () => Promise.resolve({ location: {}, data: parts.models()[0] ?? null }),
    },
  };
  const members: Record<string, unknown> = {
    app: { name: "opencode", version: version.name, channel: "latest" },
    location: { directory, project },
    ...catalog,
    integration: integrationDomain(parts, plugin),
    command: domain(parts, plugin, "command"),
    session: sessionDomain(parts, plugin),
    tool: toolDomain(parts, plugin),
    agent: agentDomain(parts),
    event: {
      subscribe: (given?: unknown) => parts.events.subscribe(`${directory} ${plugin}`, given),
    },
    storage: storageOf(parts, plugin),
    ...(version.activate
      ? { credential: { activate: (id: unknown) => void parts.notes.activated.push(String(id)) } }
      : {}),
  };
  for (const name of DOMAINS) {
    const isMissing = ["catalog", "provider", "model", "credential", "options"].includes(name);
    if (members[name] === undefined && !isMissing) members[name] = {};
  }
  const { faults } = parts.notes;
  return strict("ctx", { ...members, options }, faults);
}

/** Members that are read must be members that some release has. */
function strict(name: string, members: Json, faults: string[]): object {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(members)) {
    const isData = ["options", "data", "location", "app"].includes(key);
    kept[key] = isObject(value) && !isData ? strict(`${name}.${key}`, value, faults) : value;
  }
  const known = name === "ctx" ? DOMAINS : MORE[name.slice(name.lastIndexOf(".") + 1)] ?? [];
  return new Proxy(kept, {
    get(target, key) {
      if (typeof key === "symbol" || Object.hasOwn(target, key)) return Reflect.get(target, key);
      if (known.includes(key)) return undefined;
      faults.push(`${name}.${key} is read, and no release has it`);
      throw new TypeError(`${name}.${key} is not known`);
    },
  });
}

function domain(
  { transforms, rebuild }: ContextParts,
  plugin: string,
  name: Domain,
): Record<string, unknown> {
  return {
    transform: (callback: unknown) => transforms.add(name, plugin, callback),
    reload() {
      rebuild(name);
      return Promise.resolve();
    },
  };
}

/** Answers of these calls are `{location, data}`. */
function reader(all: () => readonly Json[], key: string): Json {
  const wrapped = (data: unknown) => Promise.resolve({ location: {}, data });
  return {
    list: () => wrapped(all()),
    get: (given: unknown) => wrapped(all().find((one) => one[key] === idOf(given))),
  };
}

function idOf(given: unknown): unknown {
  return isObject(given) ? given.providerID ?? given.integrationID ?? given.id : given;
}

function integrationDomain(parts: ContextParts, plugin: string): Json {
  const { resolver, attempts, integrations, version, notes } = parts;
  const infos = () => [...integrations().values()].map(({ id, name }) => ({ id, name }));
  const wrapped = async (data: unknown) => ({ location: {}, data: await data });
  const attempt = (given: unknown) => String(object(given).attemptID);
  return {
    ...domain(parts, plugin, "integration"),
    ...reader(infos, "id"),
    connection: {
      active: (id: string) => Promise.resolve(resolver.active(id)),
      resolve: (connection: unknown) => resolver.resolve(connection),
      ...(version.status
        ? {
          status(given: unknown) {
            const { integrationID, connection } = object(given);
            refuse(
              typeof integrationID !== "string" || !isObject(connection),
              "status: wrong input",
            );
            notes.statuses.push(object(given));
            return Promise.resolve();
          },
        }
        : {}),
    },
    connect: { key: () => Promise.reject(new TypeError("the fake host has no keys")) },
    oauth: {
      connect(given: unknown) {
        const { integrationID, methodID, answer, label } = object(
          JSON.parse(JSON.stringify(given)),
        );
        return wrapped(attempts.connect({
          integrationID: String(integrationID),
          methodID: String(methodID),
          answer: object(answer),
          ...(typeof label === "string" ? { label } : {}),
        }));
      },
      status: async (given: unknown) => await wrapped(attempts.status(attempt(given))),
      cancel: async (given: unknown) => await wrapped(attempts.cancel(attempt(given))),
    },
  };
}

/** JSON values, without compare-and-set. */
function storageOf({ storage }: ContextParts, plugin: string): Json {
  const space = storage.get(plugin) ?? new Map<string, string>();
  storage.set(plugin, space);
  const read = (text: string | undefined) => text === undefined ? undefined : JSON.parse(text);
  return {
    get: (key: string) => Promise.resolve(read(space.get(key))),
    set: (key: string, value: unknown) =>
      Promise.resolve(void space.set(key, JSON.stringify(value))),
    remove: (key: string) => Promise.resolve(void space.delete(key)),
    scan: () => Promise.resolve([...space].map(([key, text]) => ({ key, value: read(text) }))),
  };
}

/** Keys of 1.17.10 to 1.19, seen on 1.18.34; their functions want Effect values. */
const EARLY = [
  ...["agent", "aisdk", "catalog", "command", "integration", "plugin", "reference", "skill"],
];

function earlyContext({ notes }: ContextParts, options: Json): object {
  const call = (name: string) => (..._given: readonly unknown[]) => {
    notes.early.push(name);
    return Promise.resolve({ dispose: () => Promise.resolve() });
  };
  const members = EARLY.map((name) => {
    return [name, { transform: call(`${name}.transform`), reload: call(`${name}.reload`) }];
  });
  // An ordinary object: what is absent reads as undefined.
  return { options, ...Object.fromEntries(members) };
}
