/** What `createKimi` is given, checked. */

import { CLIENT_NAMES, type ClientName } from "../kimi/identity/constants.ts";
import { KimiError, messageOf } from "../kimi/errors/kimi_error.ts";
import { type Hosts, type Region, REGIONS } from "../kimi/identity/regions.ts";
import { finite, isObject, type JsonObject, text } from "../kimi/util/json.ts";
import type { KimiEnvironment } from "./environment.ts";
import type { Credential } from "./tokens/credential.ts";
import type { LoginStore } from "./tokens/login_store.ts";

/** How to talk to Kimi. */
export interface KimiOptions {
  /** Clock, network and device; `systemEnvironment()` of `@kimi/full/runtime` makes one. */
  readonly environment: KimiEnvironment;
  /** Where the login is kept: `authJsonStore()`, `memoryStore()`, or a store of your own. */
  readonly store: LoginStore;
  /**
   * Whose identity and bodies are sent: `kimi-cli`, the default, or its successor `kimi-code`.
   * `opencode` sends this package's own name.
   */
  readonly client?: ClientName;
  /** Where a new login is made: at `kimi.com`, the default, or `kimi.ai`. */
  readonly region?: Region;
  /** Other hosts than those of the region and the environment variables. */
  readonly hosts?: Hosts;
}

const FUNCTIONS: Readonly<Record<"environment" | "store", readonly string[]>> = {
  environment: ["fetch", "now", "localTime", "sleep", "alarm", "device", "randomUUID", "log"],
  store: ["read", "update", "save"],
};

const KEYS = ["environment", "store", "client", "region", "hosts"];

/** Throws a `TypeError` that names the first option that cannot be used. */
export function assertKimiOptions(given: unknown): void {
  if (!isObject(given)) throw new TypeError("createKimi: the options must be an object");
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new TypeError(`createKimi: "${unknown}" is not an option`);
  assertFunctions("environment", given.environment);
  if (!isObject(given.environment) || !isObject(given.environment.variables)) {
    throw new TypeError('createKimi: "environment.variables" must be an object');
  }
  assertFunctions("store", given.store);
  assertOneOf("client", given.client, CLIENT_NAMES);
  assertOneOf("region", given.region, Object.keys(REGIONS));
  if (given.hosts !== undefined) assertHosts(given.hosts);
}

function assertFunctions(option: keyof typeof FUNCTIONS, value: unknown): void {
  if (!isObject(value)) throw new TypeError(`createKimi: "${option}" must be an object`);
  const missing = FUNCTIONS[option].find((name) => typeof value[name] !== "function");
  if (missing === undefined) return;
  throw new TypeError(`createKimi: "${option}.${missing}" must be a function`);
}

function assertOneOf(option: string, value: unknown, allowed: readonly string[]): void {
  if (value === undefined || allowed.some((each) => each === value)) return;
  const names = allowed.map((each) => `"${each}"`).join(" or ");
  throw new TypeError(`createKimi: "${option}" must be ${names}, not ${shown(value)}`);
}

function assertHosts(hosts: unknown): void {
  for (const name of ["oauth", "api"]) {
    const url = isObject(hosts) ? hosts[name] : undefined;
    if (typeof url === "string" && URL.canParse(url)) continue;
    throw new TypeError(`createKimi: "hosts.${name}" must be a URL, not ${shown(url)}`);
  }
}

function shown(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}

/** The same store, whose failures are `not_stored` errors, and which returns nothing but logins. */
export function guardedStore(store: LoginStore): LoginStore {
  const { withLease } = store;
  return {
    read: async () => await guarded("read", async () => assertedLogin(await store.read())),
    update: (from, to) => guarded("written", () => store.update(from, to)),
    async save(login, signal) {
      await guarded("written", () => store.save(login, signal)).catch((cause: unknown) => {
        throw signal?.aborted ? new KimiError("aborted", "Login: cancelled", { cause }) : cause;
      });
    },
    peek: () => peeked(store),
    ...(withLease === undefined ? {} : { withLease: leased(withLease) }),
  };
}

/** What is wrong is said by `read`. */
function peeked(store: LoginStore): Credential | undefined {
  try {
    return assertedLogin(store.peek?.());
  } catch {
    return undefined;
  }
}

/** What `work` throws is not a failure of the store. */
function leased(withLease: NonNullable<LoginStore["withLease"]>): typeof withLease {
  return async (work, isMoot) => {
    let hasBegun = false;
    try {
      return await withLease((lease) => {
        hasBegun = true;
        return work(lease);
      }, isMoot);
    } catch (error) {
      throw hasBegun ? error : storeFailure("locked", error);
    }
  };
}

async function guarded<T>(access: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeFailure(access, error);
  }
}

function storeFailure(access: string, cause: unknown): KimiError {
  if (cause instanceof KimiError) return cause;
  // On npm each entry is a bundle of its own, and has its own class.
  const isOurs = cause instanceof Error && cause.name === "KimiError";
  const message = isOurs ? "" : `The stored login cannot be ${access}: `;
  return new KimiError("not_stored", `${message}${messageOf(cause)}`, { cause });
}

function assertedLogin(login: Credential | undefined): Credential | undefined {
  const given: unknown = login;
  if (given === undefined) return undefined;
  const fields: JsonObject = isObject(given) ? given : {};
  const wrong = ["access", "refresh"].find((name) => text(fields[name]) === undefined) ??
    ["expires", "lifetime"].find((name) => finite(fields[name]) === undefined);
  if (wrong === undefined) return login;
  throw new TypeError(
    `the store returned something without "${wrong}"; fromAuthEntry() and credentialFromTokens() ` +
      "make a login",
  );
}
