/** The plugin in a fake opencode 2.x, beside a fake Kimi, over a real auth.json. */

import { assert, assertEquals } from "@std/assert";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { loadAll } from "../../../lib/client/net/lazy_import.ts";
import { createCore } from "../../../lib/opencode/v2/core.ts";
import { type ServiceState, setUp } from "../../../lib/opencode/v2/setup.ts";
import { sharedAuthFile } from "../../../lib/runtime/fs/atomic_file.ts";
import { type FakeEnvironment, fakeEnvironment } from "../../support/environment.ts";
import { type FakeKimi, startFakeKimi } from "../../support/fake/kimi.ts";
import {
  type Host,
  type HostOptions,
  type Location,
  openHost,
  type Outcome,
} from "../../support/opencode_v2/host.ts";
import type { Json } from "../../support/opencode_v2/types.ts";
import {
  createRunning,
  notedAlarm,
  notedCore,
  notedFetch,
  notedFile,
  type Running,
} from "./running.ts";

// What a test waits for in turns of the event loop must not wait for files.
await loadAll("The tests");

export const ID = "kimi-for-coding-oauth";

/** How a stage differs from the usual. */
export interface StageOptions
  extends Pick<HostOptions, "version" | "switches" | "table" | "config" | "sessions"> {
  readonly options?: Json;
  readonly variables?: Readonly<Record<string, string>>;
  /** Where auth.json is; the stage leaves it. */
  readonly folder?: string;
  /** When it starts, in milliseconds since 1970: now, by default. */
  readonly time?: number;
  /** Another stage, whose Kimi and auth.json are used too, as another process does. */
  readonly beside?: Pick<Stage, "fake" | "folder" | "running">;
}

/** All that a test touches. */
export interface Stage extends AsyncDisposable {
  readonly fake: FakeKimi;
  readonly host: Host;
  readonly location: Location;
  readonly environment: FakeEnvironment;
  /** Where auth.json is. */
  readonly folder: string;
  readonly running: Running;
  /** Our entry of auth.json. */
  readonly entry: () => Json | undefined;
  /** All of auth.json, written as another program does. */
  readonly write: (entries: Json) => void;
  /** A row of a login that auth.json does not have. */
  readonly addRow: (given?: Json) => { readonly id: string; readonly value: Json };
  /** Logs in as a user who confirms at once. */
  readonly logIn: (methodID?: string) => Promise<void>;
  readonly ask: (question?: Json) => Promise<Outcome>;
  /** Lets time pass, for Kimi too. */
  readonly pass: (seconds: number) => void;
}

/** What makes a stage another process on the same machine, over the same sessions. */
export function secondOf(at: Stage): StageOptions {
  const { table, sessions } = at.host;
  return { beside: at, table, sessions, time: at.environment.time };
}

/** A question of a session. */
export const QUESTION = {
  model: `${ID}/kimi-for-coding`,
  session: "ses_1",
  messages: [{ role: "user", text: "Hello" }],
} as const;

/** Sets a stage. */
export async function stage(given: StageOptions = {}): Promise<Stage> {
  const fake = given.beside?.fake ?? await startFakeKimi();
  const folder = given.beside?.folder ?? given.folder ??
    await Deno.makeTempDir({ prefix: "kimi-v2-" });
  const running = given.beside?.running ?? createRunning();
  const environment = makeEnvironment({ fake, folder, running }, given);
  const { authFile } = environment;
  const memory = createRefreshMemory();
  const state: ServiceState = {
    cores: new Map(),
    environment,
    make: (options) => notedCore(createCore(environment, options, memory), running),
  };
  const module = { id: "opencode-kimi-full", setup: (ctx: unknown) => setUp(ctx, state) };
  const host = openHost({
    ...given,
    clock: { now: environment.now, sleep: (milliseconds) => environment.sleep(milliseconds) },
    plugins: [{ module, ...(given.options === undefined ? {} : { options: given.options }) }],
  });
  const location = await host.location();
  const path = (await authFile())?.path ?? "";
  const entries = (): Json => {
    try {
      return JSON.parse(Deno.readTextFileSync(path));
    } catch {
      return {};
    }
  };
  return {
    ...{ fake, host, location, environment, folder, running },
    entry: () => entries()[ID] as Json | undefined,
    write: (all) => Deno.writeTextFileSync(path, JSON.stringify(all)),
    addRow(change = {}) {
      const { access_token: access, refresh_token: refresh } = fake.issueTokens();
      const expires = environment.time + 900_000;
      const value = { type: "oauth", methodID: "oauth", access, refresh, expires, ...change };
      return host.table.add(ID, "Kimi", value);
    },
    async logIn(methodID = "oauth") {
      const attempt = await location.attempts.connect({ integrationID: ID, methodID });
      fake.authorizeDevice();
      const { status, message } = await location.attempts.ended(attempt.attemptID);
      assert(status === "complete", message);
      // The plugin hears of it, and asks for the account's models.
      await settled({ fake, running });
    },
    ask: async (question = {}) => await location.ask({ ...QUESTION, ...question }).outcome,
    pass(seconds) {
      environment.time += seconds * 1000;
      fake.settings.clockOffset += seconds;
    },
    async [Symbol.asyncDispose]() {
      assertEquals(host.notes.faults, [], "the plugin asks for nothing that no release has");
      await host[Symbol.asyncDispose]();
      if (given.beside !== undefined) return;
      await settled({ fake, running });
      await fake.close();
      if (given.folder === undefined) await Deno.remove(folder, { recursive: true });
    },
  };
}

function makeEnvironment(
  { fake, folder, running }: Pick<Stage, "fake" | "folder" | "running">,
  { variables, time = Date.now() }: StageOptions,
): FakeEnvironment {
  const environment = fakeEnvironment({
    variables: {
      KIMI_CODE_OAUTH_HOST: fake.url,
      KIMI_CODE_BASE_URL: fake.apiBase,
      ...variables,
    },
  });
  const file = sharedAuthFile(folder).then((found) => found && notedFile(found, running));
  return Object.assign(environment, {
    time,
    fetch: notedFetch(running),
    authFile: () => file,
    alarm: notedAlarm(running),
  });
}

/** Waits for all that runs beside a test, and for the ends of Kimi's answers. */
export async function settled({ fake, running }: Pick<Stage, "fake" | "running">): Promise<void> {
  await running.ended();
  await fake.idle();
}
