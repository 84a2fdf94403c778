/**
 * opencode's own store of credentials, as a plugin reaches it.
 *
 * @module
 */

import { authEntry, type Credential, readCredential } from "../auth/credential.ts";
import type { CredentialStore } from "../auth/token_source.ts";
import { isObject, printable } from "../protocol/reader.ts";
import { PROVIDER_ID } from "./provider_entry.ts";
import type { OpencodeClient } from "./types.ts";

/**
 * Makes the store.
 *
 * @param client opencode's client.
 * @param getAuth Gives the entry of auth.json; opencode reads the file at each call.
 * @returns The store.
 */
export function opencodeStore(
  client: OpencodeClient,
  getAuth: () => Promise<unknown>,
): CredentialStore {
  let last: Credential | undefined;
  return {
    async read() {
      const entry = await getAuth();
      if (last === undefined || !isSame(entry, last)) last = readCredential(entry);
      return last;
    },
    async write(credential) {
      const result = await client.auth.set({
        path: { id: PROVIDER_ID },
        body: authEntry(credential),
      });
      const problem = isObject(result) ? result.error : undefined;
      if (problem !== undefined && problem !== null) {
        throw new Error(`opencode refused it: ${printable(JSON.stringify(problem))}`);
      }
    },
  };
}

/** A token is parsed once, not at each request. */
function isSame(entry: unknown, { access, refresh, expires }: Credential): boolean {
  return isObject(entry) && entry.type === "oauth" && entry.access === access &&
    entry.refresh === refresh && entry.expires === expires;
}
