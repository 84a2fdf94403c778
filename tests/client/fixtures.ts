import { type Credential, fromAuthEntry } from "../../lib/client/tokens/credential.ts";
import { createTokenManager, type TokenManager } from "../../lib/client/tokens/token_manager.ts";
import {
  createRefreshMemory,
  type Lease,
  type LoginStore,
  type RefreshMemory,
} from "../../lib/client/tokens/login_store.ts";
import { KimiError, type KimiErrorCode } from "../../lib/kimi/errors/kimi_error.ts";
import { type Hosts, resolveHosts } from "../../lib/kimi/identity/hosts.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { type Answer, type FakeEnvironment, fakeEnvironment, NOW } from "../support/environment.ts";

/** Stands in every token of these tests, so that what is shown can be searched for it. */
export const SECRET = "SECRET";

/** The line of the issue. */
export const NOT_LOGGED_IN =
  'Not logged in to Kimi: run opencode auth login -p kimi-for-coding-oauth -m "Kimi account (kimi.com)" (or with kimi.ai)';

/** What a user whose login has ended reads. */
export const REJECTED =
  'Kimi no longer accepts the login: run opencode auth login -p kimi-for-coding-oauth -m "Kimi account (kimi.com)"';

/** A login of which so many seconds are left; of 900, opaque tokens. */
export function login(left = 900, mark = "0", hosts?: Hosts): Credential {
  return credentialFromTokens({
    access: `${SECRET}-a${mark}`,
    refresh: `${SECRET}-r${mark}`,
    expires: NOW + left * 1000,
    ...(hosts === undefined ? {} : { enterpriseUrl: `${hosts.oauth} ${hosts.api}` }),
  });
}

/** A login whose access token is a JWT of the lifetime, so many seconds before its end. */
export function jwtLogin(lifetime: number, left: number): Credential {
  const exp = Math.floor(NOW / 1000) + Math.ceil(left);
  const payload = btoa(JSON.stringify({ iat: exp - lifetime, exp }));
  return credentialFromTokens({
    access: `e30.${payload}.${SECRET}`,
    refresh: `${SECRET}-r0`,
    expires: NOW + left * 1000,
  });
}

function credentialFromTokens(entry: Readonly<Record<string, unknown>>): Credential {
  const credential = fromAuthEntry({ type: "oauth", ...entry });
  if (credential === undefined) throw new Error("the fixture is no credential");
  return credential;
}

/** A token answer. */
export function tokenAnswer(mark: number | string, expires_in = 900): Response {
  return Response.json({
    access_token: `${SECRET}-a${mark}`,
    refresh_token: `${SECRET}-r${mark}`,
    expires_in,
    token_type: "Bearer",
  });
}

/** The answer to a device authorization. */
export function deviceAnswer(changes: Readonly<Record<string, unknown>> = {}): Response {
  return Response.json({
    device_code: "SECRET-device",
    user_code: "ABCD-1234",
    verification_uri: "https://www.kimi.com/code/authorize_device",
    expires_in: 900,
    interval: 5,
    ...changes,
  });
}

/** An OAuth error answer. */
export function oauthError(error: string, status = 400): Response {
  return Response.json({ error, error_description: `said of ${error}` }, { status });
}

/** A portal's page. */
export function html(status: number): Response {
  return new Response("<!doctype html><h1>Sign in</h1>", {
    status,
    headers: { "Content-Type": "text/html" },
  });
}

/** An OAuth host that takes each refresh token once, beginning with that of `login()`. */
export function rotating(): Answer {
  let latest = 0;
  return ({ body }) => {
    const given = new URLSearchParams(body).get("refresh_token");
    return given === `${SECRET}-r${latest}` ? tokenAnswer(++latest) : oauthError("invalid_grant");
  };
}

/** A store in memory, whose functions may be replaced. */
export interface MemoryStore extends LoginStore {
  read: LoginStore["read"];
  /** What `update` does once the stored login is the one that it expects. */
  write: (login: Credential) => Promise<void>;
  withLease: NonNullable<LoginStore["withLease"]>;
  stored: Credential | undefined;
  readonly writes: Credential[];
}

/** A lease that is held. */
export const HELD: Lease = { renew: () => Promise.resolve(true) };

/** Makes a store that holds a login. */
export function memoryStore(stored: Credential | undefined): MemoryStore {
  const store: MemoryStore = {
    stored,
    writes: [],
    read: () => Promise.resolve(store.stored),
    async update(from, to) {
      if (store.stored?.refresh !== from.refresh) return "superseded";
      await store.write(to);
      return "stored";
    },
    save: (login) => Promise.resolve(void (store.stored = login)),
    withLease: (work) => work(HELD),
    write(credential) {
      store.writes.push(credential);
      store.stored = credential;
      return Promise.resolve();
    },
  };
  return store;
}

/** A token manager and all that it stands on. */
export interface Setup {
  readonly environment: FakeEnvironment;
  readonly store: MemoryStore;
  readonly memory: RefreshMemory;
  readonly source: TokenManager;
}

/** Makes a token manager over a login and an OAuth host. */
export function setup(
  stored: Credential | undefined,
  answer: Answer = rotating(),
  variables: Readonly<Record<string, string>> = {},
): Setup {
  const environment = fakeEnvironment({ answer, variables });
  const store = memoryStore(stored);
  const memory = createRefreshMemory();
  return { environment, store, memory, source: sourceOf(environment, store, memory) };
}

/** Makes a token manager over given parts. */
export function sourceOf(
  environment: FakeEnvironment,
  store: LoginStore | (() => Promise<LoginStore>),
  memory: RefreshMemory,
): TokenManager {
  const hosts = (credential: Credential) =>
    resolveHosts(environment.variables, undefined, credential.hosts);
  return createTokenManager(environment, store, { hosts, client: "kimi-cli", memory });
}

/** Asserts that it fails with a `KimiError` of the code. */
export async function assertFails(
  work: () => Promise<unknown>,
  code: KimiErrorCode,
  message = "",
): Promise<KimiError> {
  const error = await assertRejects(work, KimiError, message);
  assertEquals(error.code, code, error.message);
  return error;
}

/** A promise and the function that ends its wait. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}
