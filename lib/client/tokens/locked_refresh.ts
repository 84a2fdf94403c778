/** The refresh of a login: one at a time among all processes, sent once, and stored before it is used. */

import type { ClientName } from "../../kimi/identity/constants.ts";
import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import type { Hosts } from "../../kimi/identity/hosts.ts";
import { loginRejected } from "../../kimi/identity/login_messages.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import type { TokenSet } from "../../kimi/oauth/grants.ts";
import type { Environment } from "../environment.ts";
import type { FetchEnvironment } from "../net/fetch_whole.ts";
import {
  type Credential,
  credentialFromTokens,
  isWorthSending,
  remainingSeconds,
} from "./credential.ts";
import type { Lease, LoginStore } from "./login_store.ts";
import { requestRefresh } from "./refresh_request.ts";

/** The part of the environment that a token manager uses. */
export type TokenEnvironment =
  & FetchEnvironment
  & Pick<Environment, "now" | "sleep" | "device" | "log">;

/** How to refresh. */
export interface TokenManagerOptions {
  /** The hosts in force for a login. */
  readonly hosts: (credential: Credential) => Hosts;
  /** Whose identity to send. */
  readonly client: ClientName;
  /** Why a login cannot be refreshed here; undefined if it can. */
  readonly refusal?: (credential: Credential) => KimiError | undefined;
  /** What is known of refreshes. Default: what this process knows, so that two managers never send one token twice. */
  readonly memory?: RefreshMemory;
}

/** Logins that came of one another by refreshes. */
export interface RefreshChain {
  /** The newest. */
  latest: Credential;
  /** Refresh tokens of the others, oldest first. */
  readonly spent: string[];
}

/** What a process knows of its refreshes, by refresh token. */
export interface RefreshMemory {
  /** The chains that spent tokens belong to. */
  readonly chains: Map<string, RefreshChain>;
  /** The service refused them. */
  readonly rejected: Set<string>;
  /** The answer was lost: the service may have replaced the token. */
  readonly uncertain: Set<string>;
  /** Refreshes under way, and whether the access token may be used instead. */
  readonly running: Map<
    string,
    { readonly fresh: Promise<Credential>; readonly isUsable: boolean }
  >;
  /** The work that has to be done before the process may end. */
  readonly work: Set<Promise<unknown>>;
  /** When the next refresh, or the next attempt to store a login, may begin. */
  readonly pausedUntil: Map<string, number>;
}

/** Takes a login that could not be stored: it is usable before the attempts to store it end. */
type Hand = (fresh: Credential) => void;

/** The refresh of one manager's login. */
interface LockedRefresh {
  /** Returns what comes of `used`, whose access token may be used while it is valid if `isUsable`. */
  readonly refresh: (used: Credential, isUsable: boolean, hand: Hand) => Promise<Credential>;
  /** Replaces a spent login in the store by what came of it. */
  readonly restore: () => Promise<void>;
}

/** The first of a chain is kept besides: it is what OPENCODE_AUTH_CONTENT always holds. */
const MAX_SPENT = 32;

/** A login that cannot be stored is tried again for as long as a lease lasts, which is held meanwhile. */
const STORE_ATTEMPTS = 40;
const STORE_PAUSE_MS = 500;

/** Makes the refresh. `read` returns the newest login, or fails if there is none. */
export function createLockedRefresh(
  environment: TokenEnvironment,
  store: LoginStore,
  options: TokenManagerOptions & {
    readonly memory: RefreshMemory;
    readonly read: () => Promise<Credential>;
  },
): LockedRefresh {
  const { memory, read } = options;
  const isGood = (login: Credential) => isWorthSending(login, environment.now());
  const isValid = (login: Credential) => remainingSeconds(login, environment.now()) > 0;
  const withLease = store.withLease ?? ((work) => work({ renew: () => Promise.resolve(true) }));

  const refresh: LockedRefresh["refresh"] = async (used, isUsable, hand) => {
    let other: Credential | undefined;
    const isMoot = async () => {
      const latest = await read();
      other = latest.refresh !== used.refresh && isGood(latest) ? latest : undefined;
      return other !== undefined;
    };
    for (let lost = 0;;) {
      if (await isMoot() && other !== undefined) return other;
      try {
        const fresh = await withLease((lease) => attempt(used, isUsable, lease, hand), isMoot);
        if (fresh !== undefined) return fresh;
      } catch (error) {
        const wasLost = error instanceof KimiError && error.code === "network";
        if (!wasLost || ++lost > 1 || (isUsable && isValid(used))) throw error;
      }
    }
  };

  /** Returns undefined if the lease was lost before anything was sent. */
  async function attempt(
    used: Credential,
    isUsable: boolean,
    lease: Lease,
    hand: Hand,
  ): Promise<Credential | undefined> {
    const kept = await store.read();
    if (kept === undefined) return await read();
    const latest = memory.chains.get(kept.refresh)?.latest ?? kept;
    if (latest.refresh !== used.refresh && isGood(latest)) return latest;
    if (memory.rejected.has(latest.refresh)) throw rejected(latest);
    if (memory.uncertain.has(latest.refresh) && isUsable && isValid(latest)) {
      throw new KimiError("network", "Token refresh: the answer to the last one was lost");
    }
    // What may take long comes before the lease is renewed.
    await environment.device(options.client);
    if (!await lease.renew()) return undefined;
    const tokens = await send(latest);
    if (tokens === undefined) return await read();
    const fresh = credentialFromTokens(tokens, environment.now(), latest.hosts);
    return await keep(kept, latest, fresh, lease, hand);
  }

  /** Returns undefined if the token was rejected since another process has replaced it. */
  async function send(used: Credential): Promise<TokenSet | undefined> {
    try {
      const { client, hosts } = options;
      return await requestRefresh(environment, used, { client, host: hosts(used).oauth });
    } catch (error) {
      if (!(error instanceof KimiError)) throw error;
      if (error.code === "network") memory.uncertain.add(used.refresh);
      if (error.code !== "invalid_grant") throw error;
      if ((await read()).refresh !== used.refresh) return undefined;
      memory.rejected.add(used.refresh);
      throw rejected(used, error);
    }
  }

  /** Stored before it is used, unless the user has logged out, or in anew, meanwhile. */
  async function keep(
    kept: Credential,
    used: Credential,
    fresh: Credential,
    lease: Lease,
    hand: Hand,
  ): Promise<Credential> {
    noteSpent(memory, used.refresh, fresh);
    let outcome: "stored" | "superseded" | undefined;
    for (let tries = 1; outcome === undefined && tries <= STORE_ATTEMPTS; tries++) {
      if (tries > 1) await environment.sleep(STORE_PAUSE_MS);
      try {
        // A slow answer, or a slow disk, leaves the full time to store the login.
        await lease.renew();
        outcome = await store.update(kept, fresh);
      } catch (error) {
        if (tries > 1) continue;
        environment.log("error", `The refreshed login could not be stored: ${messageOf(error)}`);
        hand(fresh);
      }
    }
    return outcome === "superseded" ? await read() : fresh;
  }

  async function restore(): Promise<void> {
    await withLease(async () => {
      const kept = await store.read();
      const latest = kept && memory.chains.get(kept.refresh)?.latest;
      if (kept !== undefined && latest !== undefined) await store.update(kept, latest);
    }, () => Promise.resolve(false));
  }

  return { refresh, restore };
}

function rejected({ hosts }: Credential, cause?: KimiError): KimiError {
  return new KimiError("invalid_grant", loginRejected(regionOf(hosts)), { cause });
}

function noteSpent(memory: RefreshMemory, used: string, fresh: Credential): void {
  const { chains } = memory;
  const chain = [...chains.values()].find(({ latest }) => latest.refresh === used) ??
    { latest: fresh, spent: [] };
  chain.latest = fresh;
  chain.spent.push(used);
  chains.set(used, chain);
  memory.uncertain.delete(used);
  memory.pausedUntil.delete(used);
  for (const old of chain.spent.splice(1, chain.spent.length - MAX_SPENT)) {
    chains.delete(old);
    memory.pausedUntil.delete(old);
  }
}
