import type { AuthEntry } from "../../../lib/client/tokens/credential.ts";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { createHooks } from "../../../lib/opencode/v1/hooks.ts";
import { webTools } from "../../../lib/opencode/v1/tools/tools.ts";
import type { Hooks, OpencodeClient } from "../../../lib/opencode/v1/types.ts";
import { loadAll } from "../../../lib/client/net/lazy_import.ts";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import {
  type Answer,
  type FakeEnvironment,
  fakeEnvironment,
  NOW,
} from "../../support/environment.ts";

// What a test waits for in turns of the event loop must not wait for files.
await loadAll("The tests");

/** The provider's id. */
export const ID = "kimi-for-coding-oauth";

/** The API's default base. */
export const API = "https://api.kimi.com/coding/v1";

/** opencode's part: what stands in auth.json, and its client. */
export interface FakeOpencode {
  /** The entry of auth.json. */
  entry: unknown;
  /** All entries that were set. */
  readonly set: unknown[];
  readonly client: OpencodeClient;
  readonly getAuth: () => Promise<unknown>;
}

/** Makes opencode's part around an entry. */
export function fakeOpencode(entry: unknown): FakeOpencode {
  const opencode: FakeOpencode = {
    entry,
    set: [],
    getAuth: () => Promise.resolve(opencode.entry),
    client: {
      auth: {
        set({ path, body }) {
          opencode.set.push({ [path.id]: body });
          opencode.entry = body;
          return Promise.resolve({ data: true });
        },
      },
    },
  };
  return opencode;
}

/** An entry of auth.json with so many seconds left. */
export function oauthEntry(left = 900, changes: JsonObject = {}): JsonObject {
  const entry: AuthEntry = {
    type: "oauth",
    refresh: "SECRET-r0",
    access: "SECRET-a0",
    expires: NOW + left * 1000,
  };
  return { ...entry, ...changes };
}

/** The plugin's hooks, and what they stand on. */
export interface Plugin {
  readonly environment: FakeEnvironment;
  readonly opencode: FakeOpencode;
  readonly hooks: Hooks;
}

/** How a plugin differs from the usual. */
export interface PluginChanges {
  readonly answer?: Answer;
  readonly options?: unknown;
  readonly variables?: Readonly<Record<string, string>>;
  readonly entry?: unknown;
}

/** Makes the hooks of one instance. */
export function plugin(changes: PluginChanges = {}): Plugin {
  const { answer, options, variables = {} } = changes;
  const environment = fakeEnvironment({ variables, ...(answer === undefined ? {} : { answer }) });
  const opencode = fakeOpencode("entry" in changes ? changes.entry : oauthEntry());
  const hooks = createHooks(
    environment,
    opencode.client,
    options,
    { memory: createRefreshMemory(), notices: { told: new Map() }, webTools },
  );
  return { environment, opencode, hooks };
}

/** The functions and the base URL that opencode's SDK is made with. */
export interface SdkPart {
  readonly baseURL: string;
  readonly fetch: (input: string, init?: RequestInit) => Promise<Response>;
  readonly transformRequestBody: (body: JsonObject) => JsonObject;
}

/** Narrows a provider's options to what opencode's SDK takes of them. */
export function sdkPart(options: unknown): SdkPart {
  const given = isObject(options) ? options : {};
  if (isSdkPart(given)) return given;
  throw new Error(`functions or base URL are missing: ${Object.keys(given).join()}`);
}

function isSdkPart(options: object): options is SdkPart {
  return "fetch" in options && typeof options.fetch === "function" &&
    "transformRequestBody" in options && typeof options.transformRequestBody === "function" &&
    "baseURL" in options && typeof options.baseURL === "string";
}

/** Runs the config hook; gives our provider's entry. */
export async function configured(
  { hooks }: Pick<Plugin, "hooks">,
  users?: unknown,
): Promise<JsonObject> {
  const config = users === undefined ? {} : { provider: { [ID]: users } };
  await hooks.config(config);
  // opencode calls it before each request; the plugin loads then what makes bodies.
  await hooks["chat.params"](
    { sessionID: "ses_0", model: { providerID: ID, id: "kimi-for-coding" }, provider: { id: ID } },
    { options: {} },
  );
  return providerOf(config);
}

/** Our provider's entry of a configuration. */
export function providerOf(config: { readonly provider?: unknown }): JsonObject {
  const entry = isObject(config.provider) ? config.provider[ID] : undefined;
  if (!isObject(entry)) throw new Error("there is no entry of the provider");
  return entry;
}

/** Starts opencode's way: config, then the loader; gives what the SDK is made with. */
export async function started(made: Plugin, users?: unknown): Promise<SdkPart> {
  const entry = await configured(made, users);
  const loaded = await made.hooks.auth.loader(made.opencode.getAuth, entry);
  return sdkPart({ ...loaded, ...(isObject(entry.options) ? entry.options : {}) });
}

/** A body as opencode's SDK hands it over. */
export function body(changes: JsonObject = {}): JsonObject {
  return {
    model: "kimi-for-coding",
    max_tokens: 32_000,
    messages: [{ role: "user", content: "hello" }],
    stream: true,
    ...changes,
  };
}

/** Sends a body as opencode's SDK does. */
export async function ask(sdk: SdkPart, given: JsonObject = body()): Promise<Response> {
  return await sdk.fetch(`${sdk.baseURL}/chat/completions`, {
    method: "POST",
    headers: { "x-session-id": "ses_1" },
    body: JSON.stringify(sdk.transformRequestBody(given)),
  });
}

/**
 * Lets what was started in the background run: some turns of the event loop, and no time. A digest is
 * made on another thread, and comes late on a machine that is busy.
 */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setTimeout(resolve));
    await crypto.subtle.digest("SHA-256", new Uint8Array());
  }
}
