/**
 * A model of opencode 2.x for the tests of a plugin: it runs the plugin's module as the service does,
 * and imports nothing from `lib/`, because it judges it. No release was at hand when it was written;
 * each rule names the public text that it was read from.
 */

import type { Notes } from "./context.ts";
import { type CredentialTable, openCredentials } from "./credentials.ts";
import { createEvents, type Events } from "./events.ts";
import type { Flights } from "./integrations.ts";
import { type Location, openLocation } from "./location.ts";
import { createSessions, type Sessions } from "./session/store.ts";
import { type Clock, HostError, type Json } from "./types.ts";
import { type Switches, type Version, type VersionName, VERSIONS } from "./versions.ts";

export type { Location, PluginState } from "./location.ts";
export type { Question, Turn } from "./turn/turn.ts";
export type { Message } from "./turn/body.ts";
export { openCredentials } from "./credentials.ts";
export { type Clock, HostError, type Json, type Outcome } from "./types.ts";
export { SERVED, type Switches, VARIATIONS, type VersionName, VERSIONS } from "./versions.ts";

/** A plugin as the configuration names it. */
export interface PluginEntry {
  /** What the module exports as default. */
  readonly module: unknown;
  readonly options?: Json;
}

/** What a host is made with. */
export interface HostOptions {
  readonly version?: VersionName;
  readonly switches?: Partial<Switches>;
  readonly clock: Clock;
  readonly plugins: readonly PluginEntry[];
  /** In memory, unless it is given: one file serves several processes. */
  readonly table?: CredentialTable;
  readonly config?: HostConfig;
  /** Those of another service, which has ended. */
  readonly sessions?: Sessions;
}

/** What the user wrote. */
export interface HostConfig {
  readonly providers?: Json;
  /** Rules of all agents, after opencode's own. */
  readonly permissions?: readonly Json[];
  /** `-id` of plugins that are not to run. */
  readonly disabled?: readonly string[];
}

/** What a host's locations share. */
export interface HostParts {
  readonly version: Version;
  readonly switches: Switches;
  readonly clock: Clock;
  readonly plugins: readonly PluginEntry[];
  readonly table: CredentialTable;
  readonly config: HostConfig;
  readonly events: Events;
  readonly notes: Notes;
  readonly flights: Flights;
  readonly storage: Map<string, Map<string, string>>;
  readonly sessions: Sessions;
}

/** One service, for several locations. */
export interface Host extends AsyncDisposable {
  readonly table: CredentialTable;
  readonly events: Events;
  readonly notes: Notes;
  readonly sessions: Sessions;
  /** A location is opened at its first use; setup is awaited before anything is asked of it. */
  readonly location: (directory?: string) => Promise<Location>;
  /** `opencode models` waits for setup for some seconds and then answers 503, if a switch says so. */
  readonly models: (directory?: string) => Promise<readonly string[]>;
  /** A sign-out: the row goes, and the plugin hears of it by an event alone. */
  readonly signOut: (id: string) => void;
  readonly activate: (id: string) => void;
}

/** Turns of the event loop that stand for the five seconds of a list. */
const PATIENCE = 50;

/** Starts a host. */
export function openHost(options: HostOptions): Host {
  const version: Version = VERSIONS[options.version ?? "newest"];
  const { clock, plugins, config = {} } = options;
  const table = options.table ?? openCredentials();
  const events = createEvents(clock.now);
  const notes: Notes = {
    faults: [],
    synthetic: [],
    statuses: [],
    activated: [],
    early: [],
    log: [],
  };
  const parts: HostParts = {
    ...{ version, clock, plugins, table, config, events, notes },
    switches: { ...version.switches, ...options.switches },
    flights: { pending: new Map() },
    storage: new Map(),
    sessions: options.sessions ?? createSessions(),
  };
  const locations = new Map<string, Promise<Location>>();
  const location: Host["location"] = (directory = "/project") => {
    const opened = locations.get(directory) ?? openLocation(parts, directory);
    locations.set(directory, opened);
    return opened;
  };
  const switched = (integrationID: string) =>
    events.emit("credential.switched", {
      integrationID,
      credentialID: table.active(integrationID)?.id ?? null,
    });
  return {
    ...{ table, events, notes, location, sessions: parts.sessions },
    async models(directory) {
      const opened = location(directory);
      if (parts.switches.refusesWhileSettingUp && !await endsSoon(opened)) {
        throw new HostError(503, "plugins are still loading");
      }
      return (await opened).models();
    },
    signOut(id) {
      const row = table.get(id);
      table.remove(id);
      if (row !== undefined) switched(row.integrationID);
    },
    activate(id) {
      table.activate(id);
      const row = table.get(id);
      if (row !== undefined) switched(row.integrationID);
    },
    async [Symbol.asyncDispose]() {
      for (const opened of locations.values()) await (await opened).evict();
      events.end();
      if (options.table === undefined) table.close();
    },
  };
}

async function endsSoon(work: Promise<unknown>): Promise<boolean> {
  let ended = false;
  void work.then(() => ended = true, () => ended = true);
  for (let turn = 0; turn < PATIENCE && !ended; turn++) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  return ended;
}
