/** The format of the file that caches the models of accounts. */

import { modelAnswer, parseModels } from "./response.ts";
import type { Model } from "./catalog.ts";
import { finite, isObject, parseObject, text } from "../util/json.ts";

/** Version of the format. */
const FORM = 1;

const DAY_MS = 86_400_000;

/** A list that was not renewed for this long belongs to an account that is no longer used. */
const MAX_AGE_MS = 30 * DAY_MS;

/** Enough for two regions and a few accounts. */
const MAX_LISTS = 8;

/** The models of one account. */
export interface ModelList {
  /** The API base that returned them. */
  readonly api: string;
  readonly account: string;
  /** When they were requested, in milliseconds since 1970. */
  readonly at: number;
  readonly models: readonly Model[];
}

/** The content of the file. */
export interface ModelCache {
  /** The usable lists. */
  readonly lists: readonly ModelList[];
  /** Why others, or the whole file, cannot be used. */
  readonly problem?: string;
}

/** Reads the text of the file; `now` is in milliseconds since 1970. */
export function readModelCache(json: string, now: number): ModelCache {
  const cache = parseObject(json);
  if (cache === undefined) return { lists: [], problem: "is not a JSON object" };
  if (cache.form !== FORM || !Array.isArray(cache.lists)) {
    return { lists: [], problem: "was written by another release" };
  }
  const all = cache.lists.slice(0, MAX_LISTS).flatMap((entry) => readList(entry) ?? []);
  // Tolerates a clock that was set back a little.
  const lists = all.filter(({ at }) => now - at <= MAX_AGE_MS && at - now <= DAY_MS);
  if (all.length < cache.lists.length) return { lists, problem: "has damaged entries" };
  return lists.length === all.length
    ? { lists }
    : { lists, problem: "has entries older than 30 days" };
}

function readList(entry: unknown): ModelList | undefined {
  if (!isObject(entry)) return undefined;
  const [api, account, at] = [text(entry.api), entry.account, finite(entry.at)];
  const models = parseModels(entry);
  if (api === undefined || typeof account !== "string" || at === undefined) return undefined;
  return models.length === 0 ? undefined : { api, account, at, models };
}

/** Writes the file: the new list first, in place of an older one of the same account. */
export function modelCacheText(lists: readonly ModelList[], list: ModelList): string {
  const others = lists.filter((other) => !isSameAccount(other, list));
  const kept = [list, ...others].slice(0, MAX_LISTS).map(({ api, account, at, models }) => {
    return { api, account, at, data: models.map(modelAnswer) };
  });
  return `${JSON.stringify({ form: FORM, lists: kept }, null, 1)}\n`;
}

type Account = Pick<ModelList, "api" | "account">;

export function isSameAccount(first: Account, second: Account): boolean {
  return first.api === second.api && first.account === second.account;
}
