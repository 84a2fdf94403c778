/**
 * A refreshed login in auth.json, which opencode overwrites in place and without a lock: what was
 * written is read back.
 *
 * @module
 */

import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { printable } from "../../kimi/util/json.ts";
import { readLogin, replaceEntry } from "./edit.ts";
import { type Credential, toAuthEntry } from "../tokens/credential.ts";
import type { Environment, SharedFile } from "../environment.ts";

/** An entry that stays absent for this long is a logout. */
const ABSENCE_MS = 1_000;
const STEP_MS = 50;

/** How long a write is watched: another opencode reads and writes the file within a few milliseconds. */
const SETTLE_MS = 30;
const SETTLE_STEP_MS = 10;

/** A login that was written in the place of another one. */
export interface Written {
  /** The new one. */
  readonly fresh: Credential;
  /** The one that it came of. */
  readonly used: Credential;
}

/**
 * Reads back what was written, and writes it again where another opencode, which had read the file
 * before, has put the spent one back. Another login wins, and so does a logout.
 *
 * @param environment The clock.
 * @param file auth.json.
 * @param written What was written.
 * @returns Whether the login stands there, and may be overwritten.
 */
export async function confirm(
  { sleep }: Pick<Environment, "sleep">,
  file: SharedFile,
  { fresh, used }: Written,
): Promise<boolean> {
  for (let absent = 0; absent < ABSENCE_MS; absent += STEP_MS) {
    const text = await file.read().catch(() => undefined);
    if (text === undefined) return false;
    const kept = readLogin(text);
    if (kept?.refresh === fresh.refresh) return true;
    if (kept !== undefined && kept.refresh !== used.refresh) return false;
    if (kept === undefined) await sleep(STEP_MS);
    else await file.replace(replaceEntry(text, PROVIDER_ID, toAuthEntry(fresh)));
  }
  return false;
}

/**
 * Watches for a while that a login which was written stays.
 *
 * @param environment The clock.
 * @param file auth.json.
 * @param written What was written.
 */
export async function settle(
  environment: Pick<Environment, "sleep">,
  file: SharedFile,
  written: Written,
): Promise<void> {
  for (let waited = 0; waited < SETTLE_MS; waited += SETTLE_STEP_MS) {
    await environment.sleep(SETTLE_STEP_MS);
    if (!await confirm(environment, file, written)) return;
  }
}

/**
 * The error where a login could not be kept.
 *
 * @param file auth.json.
 * @param cause Why not.
 * @returns The error.
 */
export function notStored({ path }: SharedFile, cause: unknown): KimiError {
  const reason = cause instanceof Error ? printable(cause.message) : "unknown reason";
  return new KimiError(
    "not_stored",
    `The login is not refreshed, since it could not be kept: ${path} cannot be written (${reason}). ` +
      "Make the file and its folder writable",
    { cause },
  );
}
