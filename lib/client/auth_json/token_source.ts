/**
 * Tokens for a program that is not opencode's server: over auth.json, by the same refresh and lock.
 *
 * @module
 */

import type { ClientName } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { type Hosts, resolveHosts } from "../../kimi/identity/hosts.ts";
import { NOT_LOGGED_IN } from "../../kimi/identity/login_messages.ts";
import { readLogin } from "./edit.ts";
import { type Credential, newerLogin, remainingSeconds } from "../tokens/credential.ts";
import type { Environment } from "../environment.ts";
import { createFileStore } from "./store.ts";
import type { RefreshState } from "../tokens/refresh_state.ts";
import {
  createTokenSource,
  type TokenEnvironment,
  type TokenSource,
} from "../tokens/token_source.ts";

/** Tokens, and where they go. */
export interface FileSource {
  /** Where tokens come from. */
  readonly tokens: TokenSource;
  /** The hosts in force for a login. */
  readonly hosts: (credential: Credential) => Hosts;
}

/**
 * Makes a source of tokens over auth.json, and over the login in OPENCODE_AUTH_CONTENT while that is the
 * newer one.
 *
 * @param environment Variables, clock, network, device, auth.json and log.
 * @param client Whose identity to send.
 * @param memory What the process remembers of its refreshes.
 * @param baseUrl `options.baseURL` of the provider, where it is known.
 * @returns The source.
 * @throws {KimiError} `not_logged_in` where there is no folder for auth.json.
 */
export async function fileSource(
  environment: TokenEnvironment & Pick<Environment, "variables" | "authFile">,
  client: ClientName,
  memory: RefreshState,
  baseUrl?: string,
): Promise<FileSource> {
  const hosts = (credential: Credential) =>
    resolveHosts(environment.variables, baseUrl, credential.hosts);
  const file = await environment.authFile();
  const kept = file === undefined
    ? undefined
    : createTokenSource(environment, createFileStore(environment, file), { hosts, client }, memory);
  const lent = readLogin(environment.variables.OPENCODE_AUTH_CONTENT);
  const tokens = lent === undefined ? kept : lentSource(environment, lent, kept);
  if (tokens === undefined) throw new KimiError("not_logged_in", NOT_LOGGED_IN);
  return { tokens, hosts };
}

/** What is refreshed cannot be written into a variable: the login in it is used as it is. */
function lentSource(
  environment: Pick<Environment, "now">,
  lent: Credential,
  kept: TokenSource | undefined,
): TokenSource {
  const stored = async () => newerLogin(lent, await kept?.stored().catch(() => undefined)) ?? lent;
  const ended = () =>
    new KimiError(
      "not_stored",
      "The login in OPENCODE_AUTH_CONTENT has ended, and is refreshed by opencode alone: ask a " +
        "question there, or unset the variable",
    );
  return {
    stored,
    async current(signal) {
      const login = await stored();
      if (kept !== undefined && login !== lent) return await kept.current(signal);
      if (remainingSeconds(login, environment.now()) > 0) return login;
      throw ended();
    },
    async renew(rejected, signal) {
      if (kept !== undefined && await stored() !== lent) return await kept.renew(rejected, signal);
      throw ended();
    },
  };
}
