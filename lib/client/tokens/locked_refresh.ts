/**
 * The refresh of a login: one at a time among all processes, and stored before it is used.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`: `_refresh_tokens`
 * @module
 */

import type { ClientName } from "../../kimi/identity/constants.ts";
import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import type { Hosts } from "../../kimi/identity/hosts.ts";
import { loginRejected } from "../../kimi/identity/login_messages.ts";
import type { TokenSet } from "../../kimi/oauth/grants.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import { type Credential, credentialFromTokens } from "./credential.ts";
import type { Environment, Lock } from "../environment.ts";
import type { CredentialStore, StoredLogin } from "./stored_login.ts";
import { requestRefresh } from "./refresh_request.ts";
import { noteSpent, type RefreshState } from "./refresh_state.ts";

/** What a source needs of the outside. */
export type TokenEnvironment = Pick<Environment, "fetch" | "now" | "sleep" | "device" | "log">;

/** How to refresh. */
export interface TokenSourceOptions {
  /** The hosts in force for a login. */
  readonly hosts: (credential: Credential) => Hosts;
  /** Whose identity to send. */
  readonly client: ClientName;
}

/**
 * Gives what comes of a login.
 *
 * @param used The login; its refresh token is spent.
 * @param isUsable Whether its access token, while it is valid, may be used instead.
 * @returns The login to use.
 */
export type Refresh = (used: Credential, isUsable: boolean) => Promise<Credential>;

/**
 * Makes the refresh of a login.
 *
 * @param environment Clock, network, device and log.
 * @param store Where the login is kept.
 * @param login The login as it is kept.
 * @param options How to refresh.
 * @param memory What the process remembers.
 * @returns The refresh.
 */
export function createLockedRefresh(
  environment: TokenEnvironment,
  store: CredentialStore,
  { read, isValid, isWorthSending }: StoredLogin,
  options: TokenSourceOptions,
  memory: RefreshState,
): Refresh {
  async function refresh(used: Credential, isUsable: boolean): Promise<Credential> {
    const isMoot = async () => {
      const latest = await read();
      return latest.refresh !== used.refresh && isWorthSending(latest);
    };
    for (let lost = 0;;) {
      const lock = await isMoot() ? undefined : await store.lock(isMoot);
      if (lock === undefined) return await read();
      try {
        const renewed = await refreshLocked(used, isUsable, lock);
        if (renewed !== undefined) return renewed;
      } catch (error) {
        const wasLost = error instanceof KimiError && error.code === "network";
        if (!wasLost || ++lost > 1 || (isUsable && isValid(used))) throw error;
      } finally {
        await lock.release();
      }
    }
  }

  /** Gives undefined where the lock was lost before anything was sent. */
  async function refreshLocked(
    used: Credential,
    isUsable: boolean,
    lock: Lock,
  ): Promise<Credential | undefined> {
    const latest = await read();
    if (latest.refresh !== used.refresh && isWorthSending(latest)) return latest;
    if (memory.rejected.has(latest.refresh)) throw rejected(latest);
    if (memory.uncertain.has(latest.refresh) && isUsable && isValid(latest)) {
      throw new KimiError("network", "Token refresh: the answer to the last one was lost");
    }
    await store.assertWritable();
    return await lock.isHeld() ? await send(latest) : undefined;
  }

  async function send(used: Credential): Promise<Credential> {
    let tokens: TokenSet;
    try {
      const host = options.hosts(used).oauth;
      tokens = await requestRefresh(environment, used, { client: options.client, host });
    } catch (error) {
      if (!(error instanceof KimiError)) throw error;
      if (error.code === "network") memory.uncertain.add(used.refresh);
      if (error.code !== "invalid_grant") throw error;
      const other = await read();
      if (other.refresh !== used.refresh) return other;
      memory.rejected.add(used.refresh);
      throw rejected(used, error);
    }
    return await keep(credentialFromTokens(tokens, environment.now(), used.hosts), used);
  }

  /** Stored before it is used, unless the user has logged out, or in anew, meanwhile. */
  async function keep(fresh: Credential, used: Credential): Promise<Credential> {
    const latest = await read();
    if (latest.refresh !== used.refresh) return latest;
    noteSpent(memory, used.refresh, fresh);
    try {
      await store.write(fresh, used);
      await store.settle();
    } catch (error) {
      environment.log("error", `The refreshed login could not be stored: ${messageOf(error)}`);
    }
    const kept = await store.read();
    if (kept === undefined) return await read();
    return memory.chains.get(kept.refresh)?.latest ?? kept;
  }

  return refresh;
}

function rejected({ hosts }: Credential, cause?: KimiError): KimiError {
  return new KimiError("invalid_grant", loginRejected(regionOf(hosts)), { cause });
}
