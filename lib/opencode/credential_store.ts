/**
 * opencode's own store of credentials, as a plugin reaches it.
 *
 * opencode's `client.auth.set` rewrites the whole file in place and without a lock, so two of its
 * processes can undo each other's writes: what was stored is read back.
 *
 * @module
 */

import { readEntry } from "../auth/auth_file.ts";
import { authEntry, type Credential, readCredential } from "../auth/credential.ts";
import type { Environment, Lock, SharedFile } from "../auth/environment.ts";
import type { CredentialStore } from "../auth/token_source.ts";
import { confirm, notStored, settle, type Written } from "../auth/written_login.ts";
import { messageOf } from "../protocol/error.ts";
import { isObject, printable } from "../protocol/reader.ts";
import { withoutSecrets } from "../protocol/secret.ts";
import { PROVIDER_ID } from "../protocol/clients.ts";
import type { OpencodeClient } from "./types.ts";

const NO_LOCK: Lock = { isHeld: () => Promise.resolve(true), release: () => Promise.resolve() };

/**
 * Makes the store.
 *
 * @param environment Variables, clock and auth.json.
 * @param client opencode's client.
 * @param getAuth Gives the entry of auth.json; opencode reads the file at each call.
 * @returns The store.
 */
export function opencodeStore(
  environment: Pick<Environment, "variables" | "sleep" | "authFile">,
  client: OpencodeClient,
  getAuth: () => Promise<unknown>,
): CredentialStore {
  let last: Credential | undefined;
  let written: Written | undefined;

  async function read(): Promise<Credential | undefined> {
    const entry = await getAuth();
    if (last === undefined || !isSame(entry, last)) last = readCredential(entry);
    // opencode then gives the variable's content for ever, but goes on writing the file.
    if (!environment.variables.OPENCODE_AUTH_CONTENT) return last;
    return newer(last, await inFile(await environment.authFile()));
  }

  return {
    read,
    async write(fresh, used) {
      const problem = await set(client, fresh);
      const file = await environment.authFile();
      written = { fresh, used };
      const stands = file !== undefined && await confirm(environment, file, written);
      if (!stands) written = undefined;
      if (!stands && problem !== undefined) throw new Error(problem);
    },
    async settle() {
      const file = await environment.authFile();
      if (file === undefined || written === undefined) return;
      await settle(environment, file, written);
    },
    async assertWritable() {
      const file = await environment.authFile();
      await file?.assertWritable().catch((cause: unknown) => {
        throw notStored(file, cause);
      });
    },
    async lock(isMoot) {
      const file = await environment.authFile();
      if (file === undefined) return NO_LOCK;
      return await file.lock(isMoot).catch((cause: unknown) => {
        throw notStored(file, cause);
      });
    },
  };
}

/** A token is parsed once, not at each request. */
function isSame(entry: unknown, { access, refresh, expires }: Credential): boolean {
  return isObject(entry) && entry.type === "oauth" && entry.access === access &&
    entry.refresh === refresh && entry.expires === expires;
}

function newer(first: Credential | undefined, second: Credential | undefined) {
  if (first === undefined || second === undefined) return first ?? second;
  const mintedAt = ({ ownExpires, expires, lifetime }: Credential) =>
    (ownExpires ?? expires) - lifetime * 1000;
  return mintedAt(second) > mintedAt(first) ? second : first;
}

async function inFile(file: SharedFile | undefined): Promise<Credential | undefined> {
  const text = await file?.read().catch(() => undefined);
  return text === undefined ? undefined : readCredential(readEntry(text, PROVIDER_ID));
}

/** @returns What opencode said against it, if anything. */
async function set(client: OpencodeClient, fresh: Credential): Promise<string | undefined> {
  try {
    const result = await client.auth.set({ path: { id: PROVIDER_ID }, body: authEntry(fresh) });
    const problem = isObject(result) ? result.error : undefined;
    if (problem === undefined || problem === null) return undefined;
    // 1.14 repeats the whole entry in its answer.
    const said = withoutSecrets(JSON.stringify(problem), [fresh.access, fresh.refresh]);
    return `opencode refused it: ${printable(said)}`;
  } catch (error) {
    return messageOf(error);
  }
}
