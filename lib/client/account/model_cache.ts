/**
 * The account's models, kept from one start to the next.
 *
 * @module
 */

import { messageOf } from "../../kimi/errors/kimi_error.ts";
import {
  isSameAccount,
  modelCacheText,
  type ModelList,
  readModelCache,
} from "../../kimi/models/cache_format.ts";
import type { Model } from "../../kimi/models/catalog.ts";
import { text } from "../../kimi/util/json.ts";
import { type Credential, readClaims } from "../tokens/credential.ts";
import type { Environment } from "../environment.ts";

/** What keeping needs of the outside. */
export type ModelStoreEnvironment = Pick<Environment, "modelsFile" | "now" | "log">;

/** What the models of an account are kept under. */
export type AccountKey = Pick<ModelList, "api" | "account">;

/** A list that did not change is written anew after this, so that it does not grow old. */
const RENEWED_AFTER_MS = 86_400_000;

/**
 * Makes the key of a login.
 *
 * @param credential The login.
 * @param api Its API base.
 * @returns The key: no token, and of the account's id a hash.
 */
export async function accountKey({ access }: Credential, api: string): Promise<AccountKey> {
  const claims = readClaims(access);
  const id = text(claims?.user_id) ?? text(claims?.sub);
  if (id === undefined) return { api, account: "" };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id));
  const bytes = [...new Uint8Array(digest)].slice(0, 8);
  return { api, account: bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("") };
}

/**
 * Reads all lists that are kept and can be used; what cannot be is named in the log.
 *
 * @param environment File, clock and log.
 * @returns The lists; none where nothing is kept.
 */
export async function keptLists(
  environment: ModelStoreEnvironment,
): Promise<readonly ModelList[]> {
  const file = await environment.modelsFile();
  const tell = (problem: string) =>
    environment.log("warn", `The list of models ${file.path} ${problem}, and is left out`);
  try {
    const json = await file.read();
    if (json === undefined) return [];
    const { lists, problem } = readModelCache(json, environment.now());
    if (problem !== undefined) tell(problem);
    return lists;
  } catch (error) {
    tell(`cannot be read (${messageOf(error)})`);
    return [];
  }
}

/**
 * Finds the models of an account.
 *
 * @param lists The lists that are kept.
 * @param key The account.
 * @returns Its models, or undefined where they are not kept.
 */
export function modelsOf(
  lists: readonly ModelList[],
  key: AccountKey,
): readonly Model[] | undefined {
  return lists.find((list) => isSameAccount(list, key))?.models;
}

/**
 * Keeps the models of an account; where that fails, the log says so.
 *
 * @param environment File, clock and log.
 * @param key The account.
 * @param models Its models.
 */
export async function keepModels(
  environment: ModelStoreEnvironment,
  key: AccountKey,
  models: readonly Model[],
): Promise<void> {
  const file = await environment.modelsFile();
  const now = environment.now();
  try {
    const json = await file.read().catch(() => undefined) ?? "";
    const { lists } = readModelCache(json, now);
    const [first] = lists;
    const isRecent = first !== undefined && now - first.at < RENEWED_AFTER_MS;
    const list = { ...key, at: now, models };
    const same = isRecent && modelCacheText(lists, { ...list, at: first.at }) === json;
    if (!same) await file.replace(modelCacheText(lists, list));
  } catch (error) {
    environment.log("warn", `The models cannot be kept in ${file.path}: ${messageOf(error)}`);
  }
}
