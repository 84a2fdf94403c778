/**
 * Tokens for a program that is not opencode's server: over auth.json, by the same refresh and lock.
 *
 * @module
 */

import type { ClientName } from "../protocol/clients.ts";
import { KimiError } from "../protocol/error.ts";
import { type Hosts, resolveHosts } from "../protocol/hosts.ts";
import { NOT_LOGGED_IN } from "../protocol/login_lines.ts";
import type { Credential } from "./credential.ts";
import type { Environment } from "./environment.ts";
import { fileStore } from "./file_store.ts";
import type { RefreshMemory } from "./refresh_memory.ts";
import { type TokenEnvironment, type TokenSource, tokenSource } from "./token_source.ts";

/** Tokens, and where they go. */
export interface FileSource {
  /** Where tokens come from. */
  readonly tokens: TokenSource;
  /** The hosts in force for a login. */
  readonly hosts: (credential: Credential) => Hosts;
}

/**
 * Makes a source of tokens over auth.json.
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
  memory: RefreshMemory,
  baseUrl?: string,
): Promise<FileSource> {
  const file = await environment.authFile();
  if (file === undefined) throw new KimiError("not_logged_in", NOT_LOGGED_IN);
  const hosts = (credential: Credential) =>
    resolveHosts(environment.variables, baseUrl, credential.hosts);
  const store = fileStore(environment, file);
  return {
    tokens: tokenSource(environment, store, { hosts, client }, memory),
    hosts,
  };
}
