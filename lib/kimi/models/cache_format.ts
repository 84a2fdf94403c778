/**
 * The text of the file that keeps the models of accounts from one start to the next.
 *
 * @module
 */

import { modelAnswer, parseModels } from "./response.ts";
import type { Model } from "./catalog.ts";
import { finite, isObject, type JsonObject, parseObject, text } from "../util/json.ts";

/** What other releases may read. */
const FORM = 1;

const DAY_MS = 86_400_000;

/** A list that was not renewed for so long is of an account that is not used. */
const MAX_AGE_MS = 30 * DAY_MS;

/** Two regions, and a few accounts that take turns. */
const MAX_LISTS = 8;

/** The models of one account. */
export interface ModelList {
  /** The API base that gave them. */
  readonly api: string;
  /** Stands for the account. */
  readonly account: string;
  /** When they were asked for, in milliseconds since 1970. */
  readonly at: number;
  /** The models. */
  readonly models: readonly Model[];
}

/** What was found in the file. */
export interface ModelCache {
  /** The lists that can be used. */
  readonly lists: readonly ModelList[];
  /** Why others, or the whole file, cannot be. */
  readonly problem?: string;
}

/**
 * Reads the file.
 *
 * @param json Its text.
 * @param now Milliseconds since 1970.
 * @returns What can be used of it.
 */
export function readModelCache(json: string, now: number): ModelCache {
  const cache = parseObject(json);
  if (cache === undefined) return { lists: [], problem: "is not a JSON object" };
  if (cache.form !== FORM || !Array.isArray(cache.lists)) {
    return { lists: [], problem: "is of another release" };
  }
  const all = cache.lists.slice(0, MAX_LISTS).flatMap((entry) => readList(entry) ?? []);
  // A clock that was set back a little does no harm.
  const lists = all.filter(({ at }) => now - at <= MAX_AGE_MS && at - now <= DAY_MS);
  if (all.length < cache.lists.length) return { lists, problem: "is damaged in places" };
  return lists.length < all.length
    ? { lists, problem: "is not of the last 30 days in places" }
    : { lists };
}

function readList(entry: unknown): ModelList | undefined {
  if (!isObject(entry)) return undefined;
  const [api, account, at] = [text(entry.api), entry.account, finite(entry.at)];
  const models = parseModels(entry);
  if (api === undefined || typeof account !== "string" || at === undefined) return undefined;
  return models.length === 0 ? undefined : { api, account, at, models };
}

/**
 * Writes the file.
 *
 * @param lists The lists that stood in it.
 * @param list The new one, which goes before all others and in the place of that of the same account.
 * @returns The text.
 */
export function modelCacheText(lists: readonly ModelList[], list: ModelList): string {
  const others = lists.filter((other) => !isSameAccount(other, list));
  const kept = [list, ...others].slice(0, MAX_LISTS).map(listAnswer);
  return `${JSON.stringify({ form: FORM, lists: kept }, null, 1)}\n`;
}

function listAnswer({ api, account, at, models }: ModelList): JsonObject {
  return { api, account, at, data: models.map(modelAnswer) };
}

/**
 * Compares accounts.
 *
 * @param first One list, or what it would be kept under.
 * @param second Another one.
 * @returns Whether both are of the same account of the same service.
 */
export function isSameAccount(
  first: Pick<ModelList, "api" | "account">,
  second: Pick<ModelList, "api" | "account">,
): boolean {
  return first.api === second.api && first.account === second.account;
}
