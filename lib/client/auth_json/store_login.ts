/**
 * A new login in auth.json, for programs that are not opencode.
 *
 * @module
 */

import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { readLogin, replaceEntry } from "./edit.ts";
import { type Credential, toAuthEntry } from "../tokens/credential.ts";
import type { Environment, Lock, SharedFile } from "../environment.ts";
import { fileProblem } from "./errors.ts";
import { readAuthFile, readSettled } from "./store.ts";

/** An opencode that had read the file before writes it whole within a few milliseconds. */
const SETTLE_STEPS = 3;
const SETTLE_STEP_MS = 10;

/**
 * Makes sure that a login could be stored, before the user is asked to confirm one.
 *
 * @param file auth.json; its folder must exist.
 * @throws {KimiError} `not_stored`, with the cure.
 */
export async function assertStorable(file: SharedFile): Promise<void> {
  await readAuthFile(file);
  await file.assertWritable().catch((cause: unknown) => {
    throw fileProblem(file, "written", cause);
  });
}

/**
 * Stores a login in the place of whatever stood there, under the lock; every other entry keeps its
 * bytes.
 *
 * @param environment The clock.
 * @param file auth.json.
 * @param login The login.
 * @param signal Ends the wait for the lock; what is being written is written.
 * @throws {KimiError} `not_stored`, with the cure, or `aborted`.
 */
export async function storeLogin(
  environment: Pick<Environment, "sleep">,
  file: SharedFile,
  login: Credential,
  signal: AbortSignal,
): Promise<void> {
  const lock = await take(file, signal);
  try {
    const before = await write(environment, file, login);
    for (let step = 0; step < SETTLE_STEPS; step++) {
      await environment.sleep(SETTLE_STEP_MS);
      const kept = readLogin(await readSettled(environment, file));
      if (kept === undefined || kept.refresh === before?.refresh) {
        await write(environment, file, login);
      }
    }
  } finally {
    await lock.release();
  }
}

async function take(file: SharedFile, signal: AbortSignal): Promise<Lock> {
  const isMoot = () => Promise.resolve(signal.aborted);
  const lock = await file.lock(isMoot).catch((cause: unknown) => {
    throw fileProblem(file, "written", cause);
  });
  if (lock !== undefined && !signal.aborted) return lock;
  await lock?.release();
  throw new KimiError("aborted", "Login: cancelled");
}

/** @returns The login that was replaced. */
async function write(
  environment: Pick<Environment, "sleep">,
  file: SharedFile,
  login: Credential,
): Promise<Credential | undefined> {
  const text = await readSettled(environment, file);
  await file.replace(replaceEntry(text, PROVIDER_ID, toAuthEntry(login))).catch(
    (cause: unknown) => {
      throw fileProblem(file, "written", cause);
    },
  );
  return readLogin(text);
}
