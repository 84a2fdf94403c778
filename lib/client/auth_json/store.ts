/**
 * opencode's auth.json as a store of the login, for programs that are not opencode.
 *
 * @module
 */

import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { parseObject } from "../../kimi/util/json.ts";
import { readLogin, replaceEntry } from "./edit.ts";
import { type Credential, toAuthEntry } from "../tokens/credential.ts";
import type { Environment, SharedFile } from "../environment.ts";
import { fileProblem } from "./errors.ts";
import type { CredentialStore } from "../tokens/stored_login.ts";
import { notStored, settle, type Written } from "./verify_write.ts";

/**
 * Reads the text of auth.json.
 *
 * @param file The file.
 * @returns Its text, or undefined where there is no file, or an empty one.
 * @throws {KimiError} `not_stored` where it cannot be read or holds no JSON object: it is not ours
 * to overwrite.
 */
export async function readAuthFile(file: SharedFile): Promise<string | undefined> {
  let text: string | undefined;
  try {
    text = await file.read();
  } catch (cause) {
    throw fileProblem(file, "read", cause);
  }
  if (text === undefined || text.trim() === "") return undefined;
  if (parseObject(text) !== undefined) return text;
  throw new KimiError(
    "not_stored",
    `${file.path} holds no JSON object, and was left as it is: repair it, or move it away`,
  );
}

/** opencode writes the file within a few milliseconds. */
const WHOLE_STEPS = 20;
const WHOLE_STEP_MS = 10;

/**
 * Reads the text of auth.json once it is whole. opencode empties the file before it writes into it: what
 * is blank or broken may be neither.
 *
 * @param environment The clock.
 * @param file The file.
 * @returns Its text, or undefined where there is no file, or one that stays empty.
 * @throws {KimiError} `not_stored`, as {@linkcode readAuthFile}, where it stays broken.
 */
export async function readSettled(
  environment: Pick<Environment, "sleep">,
  file: SharedFile,
): Promise<string | undefined> {
  for (let step = 0; step < WHOLE_STEPS; step++) {
    const text = await file.read().catch(() => "");
    if (text === undefined || parseObject(text) !== undefined) return text;
    await environment.sleep(WHOLE_STEP_MS);
  }
  return await readAuthFile(file);
}

/**
 * Makes the store.
 *
 * @param environment The clock.
 * @param file auth.json.
 * @returns The store.
 */
export function createFileStore(
  environment: Pick<Environment, "sleep">,
  file: SharedFile,
): CredentialStore {
  let written: Written | undefined;

  async function read(): Promise<Credential | undefined> {
    return readLogin(await readSettled(environment, file));
  }

  return {
    read,
    async write(fresh, used) {
      const text = await readSettled(environment, file);
      const kept = readLogin(text);
      if (kept?.refresh !== used.refresh) return;
      await file.replace(replaceEntry(text, PROVIDER_ID, toAuthEntry(fresh)));
      written = { fresh, used };
    },
    async settle() {
      if (written !== undefined) await settle(environment, file, written);
    },
    async assertWritable() {
      await file.assertWritable().catch((cause: unknown) => {
        throw notStored(file, cause);
      });
    },
    async lock(isMoot) {
      return await file.lock(isMoot).catch((cause: unknown) => {
        throw notStored(file, cause);
      });
    },
  };
}
