/**
 * opencode's own store of credentials, as a plugin reaches it.
 *
 * opencode's `client.auth.set` rewrites the whole file in place and without a lock, so two of its
 * processes can undo each other's writes: what was stored is read back.
 *
 * @module
 */

import { type Credential, fromAuthEntry, newerLogin } from "../../client/tokens/credential.ts";
import type { Environment } from "../../client/environment.ts";
import type { CredentialStore } from "../../client/tokens/stored_login.ts";
import { loaded } from "../../client/net/lazy_import.ts";
import { isObject } from "../../kimi/util/json.ts";
import type { CredentialWriter } from "./credential_writer.ts";
import type { OpencodeClient } from "./types.ts";

/**
 * Makes the store.
 *
 * @param environment Variables, clock and auth.json.
 * @param client opencode's client.
 * @param getAuth Gives the entry of auth.json; opencode reads the file at each call.
 * @returns The store.
 */
export function createOpencodeStore(
  environment: Pick<Environment, "variables" | "sleep" | "authFile">,
  client: OpencodeClient,
  getAuth: () => Promise<unknown>,
): CredentialStore {
  let last: Credential | undefined;
  let made: CredentialWriter | undefined;

  async function read(): Promise<Credential | undefined> {
    const entry = await getAuth();
    if (last === undefined || !isSame(entry, last)) last = fromAuthEntry(entry);
    // opencode then gives the variable's content for ever, but goes on writing the file.
    if (!environment.variables.OPENCODE_AUTH_CONTENT) return last;
    return newerLogin(last, await (await writer()).inFile());
  }

  async function writer(): Promise<CredentialWriter> {
    const part = import("./credential_writer.ts");
    const { createCredentialWriter } = await loaded("The store of the login", part);
    return made ??= createCredentialWriter(environment, client);
  }

  return {
    read,
    write: async (fresh, used) => await (await writer()).write(fresh, used),
    settle: async () => await (await writer()).settle(),
    assertWritable: async () => await (await writer()).assertWritable(),
    lock: async (isMoot) => await (await writer()).lock(isMoot),
  };
}

/** A token is parsed once, not at each request. */
function isSame(entry: unknown, { access, refresh, expires }: Credential): boolean {
  return isObject(entry) && entry.type === "oauth" && entry.access === access &&
    entry.refresh === refresh && entry.expires === expires;
}
