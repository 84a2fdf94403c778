import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  modelCacheText,
  type ModelList,
  readModelCache,
} from "../../../lib/kimi/models/cache_format.ts";
import { KNOWN_MODELS } from "../../../lib/kimi/models/catalog.ts";
import { jsonWith } from "../../support/vectors.ts";

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

function list(account: string, at = NOW, api = "https://api.kimi.com/coding/v1"): ModelList {
  return { api, account, at, models: KNOWN_MODELS };
}

Deno.test("readModelCache() reads what modelCacheText() wrote, newest list first", () => {
  const text = modelCacheText([list("b"), list("c")], list("a"));
  assertEquals(readModelCache(text, NOW), { lists: [list("a"), list("b"), list("c")] });
});

Deno.test("modelCacheText() replaces the list of the same account and service", () => {
  const old = [list("a", 1), list("b"), list("a", 2, "https://api.kimi.ai/coding/v1")];
  const { lists } = readModelCache(modelCacheText(old, list("a")), NOW);
  assertEquals(lists.map(({ account, api }) => `${account} ${new URL(api).host}`), [
    "a api.kimi.com",
    "b api.kimi.com",
  ]);
  assertEquals(lists[0]?.at, NOW);
});

Deno.test("modelCacheText() keeps at most eight accounts", () => {
  let lists: readonly ModelList[] = [];
  for (let index = 0; index < 20; index++) {
    ({ lists } = readModelCache(modelCacheText(lists, list(`${index}`)), NOW));
  }
  assertEquals(lists.map(({ account }) => account), [
    "19",
    "18",
    "17",
    "16",
    "15",
    "14",
    "13",
    "12",
  ]);
});

Deno.test("readModelCache() drops and reports lists older than 30 days or from the future", () => {
  const text = modelCacheText(
    [list("old", NOW - 31 * DAY), list("new", NOW + DAY + 1)],
    list("a"),
  );
  const { lists, problem } = readModelCache(text, NOW);
  assertEquals(lists.map(({ account }) => account), ["a"]);
  assertEquals(problem, "has entries older than 30 days");
  assertEquals(
    readModelCache(modelCacheText([], list("a", NOW - 30 * DAY)), NOW).problem,
    undefined,
  );
});

const BAD = [
  ["", "is not a JSON object"],
  ["[]", "is not a JSON object"],
  ['{"form":1,"lists":[', "is not a JSON object"],
  ["{}", "was written by another release"],
  ['{"form":2,"lists":[]}', "was written by another release"],
  ['{"form":1,"lists":{}}', "was written by another release"],
  ['{"form":1,"lists":[null,7,{},{"api":"x","account":"a","at":1}]}', "has damaged entries"],
] as const;

for (const [text, problem] of BAD) {
  Deno.test(`readModelCache() reports that ${JSON.stringify(text)} ${problem}`, () => {
    assertEquals(readModelCache(text, NOW), { lists: [], problem });
  });
}

Deno.test("readModelCache() accepts arbitrary files and returns only lists with models", () => {
  const any = jsonWith(["form", "lists", "api", "account", "at", "data", "id"]);
  fc.assert(fc.property(any, fc.array(any), (file, lists) => {
    for (const value of [file, { form: 1, lists }]) {
      for (const { models, at } of readModelCache(JSON.stringify(value), 0).lists) {
        assert(models.length > 0 && Number.isFinite(at));
      }
    }
  }));
});
