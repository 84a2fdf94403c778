/**
 * The half of opencode's store of credentials that a refresh needs.
 *
 * @module
 */

import { readLogin, replaceEntry } from "../../client/auth_json/edit.ts";
import { type Credential, toAuthEntry } from "../../client/tokens/credential.ts";
import type { Environment, Lock, SharedFile } from "../../client/environment.ts";
import { readSettled } from "../../client/auth_json/store.ts";
import type { CredentialStore } from "../../client/tokens/stored_login.ts";
import { confirm, notStored, settle, type Written } from "../../client/auth_json/verify_write.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { isObject, parseObject, printable } from "../../kimi/util/json.ts";
import { withoutSecrets } from "../../kimi/util/redact.ts";
import type { OpencodeClient } from "./types.ts";

/** Writes a login through opencode, under the lock beside auth.json. */
export interface CredentialWriter extends Omit<CredentialStore, "read"> {
  /** Gives the login that stands in auth.json, whatever opencode says. */
  readonly inFile: () => Promise<Credential | undefined>;
}

const NO_LOCK: Lock = { isHeld: () => Promise.resolve(true), release: () => Promise.resolve() };

/**
 * Makes the writer.
 *
 * @param environment Variables, clock and auth.json.
 * @param client opencode's client.
 * @returns The writer.
 */
export function createCredentialWriter(
  environment: Pick<Environment, "variables" | "sleep" | "authFile">,
  client: OpencodeClient,
): CredentialWriter {
  let written: Written | undefined;
  let before: string | undefined;

  /** Puts back the other logins, where they are gone all at once: right after a write, or with ours. */
  async function mend(file: SharedFile, fresh: Credential, isWithOurs: boolean): Promise<void> {
    const text = await file.read().catch(() => undefined);
    if (text === undefined || (isWithOurs && readLogin(text) !== undefined)) return;
    const gone = othersGone(before, text);
    if (gone.length === 0) return;
    if (readLogin(text) === undefined) gone.push([PROVIDER_ID, toAuthEntry(fresh)]);
    await file.replace(gone.reduce((all, [id, entry]) => replaceEntry(all, id, entry), text));
  }

  /**
   * With OPENCODE_AUTH_CONTENT opencode would write the variable's entries over all that the file holds
   * (1.14.34 and 1.18.33, `Auth.set`). Another login than the variable's stays.
   */
  async function insert(lent: string, file: SharedFile, { fresh, used }: Written): Promise<void> {
    const text = await readSettled(environment, file);
    const kept = readLogin(text)?.refresh;
    if (kept !== undefined && kept !== used.refresh && kept !== readLogin(lent)?.refresh) return;
    await file.replace(replaceEntry(text, PROVIDER_ID, toAuthEntry(fresh)));
  }

  return {
    async inFile() {
      const text = await (await environment.authFile())?.read().catch(() => undefined);
      return readLogin(text);
    },
    async write(fresh, used) {
      const file = await environment.authFile();
      const { OPENCODE_AUTH_CONTENT: lent } = environment.variables;
      let problem: string | undefined;
      written = { fresh, used };
      before = file && await readSettled(environment, file).catch(() => undefined);
      if (lent && file !== undefined) await insert(lent, file, written);
      else problem = await set(client, fresh);
      if (file !== undefined) await mend(file, fresh, false);
      const stands = file !== undefined && await confirm(environment, file, written);
      if (file !== undefined && !stands) await mend(file, fresh, true);
      if (!stands) written = undefined;
      if (!stands && problem !== undefined) throw new Error(problem);
    },
    async settle() {
      const file = await environment.authFile();
      if (file === undefined || written === undefined) return;
      await settle(environment, file, written);
      await mend(file, written.fresh, true);
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

/**
 * The other logins, where they are gone all at once: opencode takes a file that another one is just
 * writing for an empty one (1.14.34 and 1.18.33, `Auth.all`), and writes into it its own entry and no
 * other.
 */
function othersGone(before: string | undefined, now: string): [string, unknown][] {
  const has = parseObject(now);
  if (before === undefined || has === undefined) return [];
  const others = Object.entries(parseObject(before) ?? {}).filter(([id]) => id !== PROVIDER_ID);
  return others.some(([id]) => Object.hasOwn(has, id)) ? [] : others;
}

/** @returns What opencode said against it, if anything. */
async function set(client: OpencodeClient, fresh: Credential): Promise<string | undefined> {
  try {
    const result = await client.auth.set({ path: { id: PROVIDER_ID }, body: toAuthEntry(fresh) });
    const problem = isObject(result) ? result.error : undefined;
    if (problem === undefined || problem === null) return undefined;
    // 1.14 repeats the whole entry in its answer.
    const said = withoutSecrets(JSON.stringify(problem), [fresh.access, fresh.refresh]);
    return `opencode refused it: ${printable(said)}`;
  } catch (error) {
    return messageOf(error);
  }
}
