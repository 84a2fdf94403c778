/**
 * opencode's own store of credentials, as a plugin reaches it.
 *
 * opencode's `client.auth.set` rewrites the whole file in place and without a lock, so two of its
 * processes can undo each other's writes: what was stored is read back.
 *
 * @module
 */

import { readEntry, withEntry } from "../auth/auth_file.ts";
import { authEntry, type Credential, readCredential } from "../auth/credential.ts";
import type { Environment, Lock, SharedFile } from "../auth/environment.ts";
import type { CredentialStore } from "../auth/token_source.ts";
import { KimiError, messageOf } from "../protocol/error.ts";
import { isObject, printable } from "../protocol/reader.ts";
import { withoutSecrets } from "../protocol/secret.ts";
import { PROVIDER_ID } from "../protocol/clients.ts";
import type { OpencodeClient } from "./types.ts";

/** An entry that stays absent for this long is a logout. */
const ABSENCE_MS = 1_000;
const STEP_MS = 50;

/** How long a write is watched: another opencode reads and writes the file within a few milliseconds. */
const SETTLE_MS = 30;
const SETTLE_STEP_MS = 10;

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
      for (let waited = 0; waited < SETTLE_MS; waited += SETTLE_STEP_MS) {
        await environment.sleep(SETTLE_STEP_MS);
        if (!await confirm(environment, file, written)) return;
      }
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

function notStored({ path }: SharedFile, cause: unknown): KimiError {
  const reason = cause instanceof Error ? printable(cause.message) : "unknown reason";
  return new KimiError(
    "not_stored",
    `The login is not refreshed, since it could not be kept: ${path} cannot be written (${reason}). ` +
      "Make the file and its folder writable",
    { cause },
  );
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

/** A login that was written in the place of another one. */
interface Written {
  readonly fresh: Credential;
  readonly used: Credential;
}

/**
 * Reads back what was written, and writes it again where another opencode, which had read the file
 * before, has put the spent one back. Another login wins, and so does a logout.
 *
 * @returns Whether the login stands there, and may be overwritten.
 */
async function confirm(
  { sleep }: Pick<Environment, "sleep">,
  file: SharedFile,
  { fresh, used }: Written,
): Promise<boolean> {
  for (let absent = 0; absent < ABSENCE_MS; absent += STEP_MS) {
    const text = await file.read().catch(() => undefined);
    if (text === undefined) return false;
    const kept = readCredential(readEntry(text, PROVIDER_ID));
    if (kept?.refresh === fresh.refresh) return true;
    if (kept !== undefined && kept.refresh !== used.refresh) return false;
    if (kept === undefined) await sleep(STEP_MS);
    else await file.replace(withEntry(text, PROVIDER_ID, authEntry(fresh)));
  }
  return false;
}
