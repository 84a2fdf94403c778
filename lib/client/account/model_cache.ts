/** The account's models, cached from one start to the next. */

import { messageOf } from "../../kimi/errors/kimi_error.ts";
import {
  isSameAccount,
  modelCacheText,
  type ModelList,
  readModelCache,
} from "../../kimi/models/cache_format.ts";
import type { Model } from "../../kimi/models/catalog.ts";
import { accountId } from "../../kimi/util/jwt.ts";
import type { Credential } from "../tokens/credential.ts";
import type { Environment } from "../environment.ts";

type ModelStoreEnvironment = Pick<Environment, "modelsFile" | "now" | "log">;

/** What the models of an account are cached under. */
type AccountKey = Pick<ModelList, "api" | "account">;

/** A list that did not change is rewritten after this time, so that it does not expire. */
const RENEWED_AFTER_MS = 86_400_000;

/** Makes the key of a login: its API base, and a hash of the account's id. */
export async function accountKey({ access }: Credential, api: string): Promise<AccountKey> {
  const id = accountId(access);
  if (id === "") return { api, account: "" };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id));
  const bytes = [...new Uint8Array(digest)].slice(0, 8);
  return { api, account: bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("") };
}

/** Reads all usable lists of the cache; the log names what is not usable. */
export async function keptLists(environment: ModelStoreEnvironment): Promise<readonly ModelList[]> {
  const file = await environment.modelsFile();
  const warn = (problem: string) =>
    environment.log("warn", `The list of models ${file.path} ${problem}, and is left out`);
  try {
    const json = await file.read();
    if (json === undefined) return [];
    const { lists, problem } = readModelCache(json, environment.now());
    if (problem !== undefined) warn(problem);
    return lists;
  } catch (error) {
    warn(`cannot be read (${messageOf(error)})`);
    return [];
  }
}

/** Finds the cached models of an account. */
export function modelsOf(
  lists: readonly ModelList[],
  key: AccountKey,
): readonly Model[] | undefined {
  return lists.find((list) => isSameAccount(list, key))?.models;
}

/** Caches the models of an account; a failure is logged. */
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
