/** What is known of a model: by the user, the service, and without either. */

import { assertEquals } from "@std/assert";
import { chatModel } from "../../../lib/opencode/v1/provider_entry.ts";
import type { Model } from "../../../lib/kimi/models/catalog.ts";

function model(changes: Partial<Model>): Model {
  return {
    ...{ id: "kimi-for-coding", name: "K", contextLength: 9, output: 1, images: true },
    ...{ video: false, tools: true, thinking: "both" },
    ...changes,
  };
}

Deno.test("chatModel() finds a model by its key and by its id", () => {
  const models = {
    mine: { id: "kimi-k3", limit: { context: 1 }, options: { a: 1 }, reasoning: false },
    "kimi-for-coding": { limit: { context: 2 }, api: { id: "kimi-for-coding" } },
  };
  assertEquals(chatModel(models, "kimi-k3", []), {
    contextLength: 1,
    canThink: false,
    abilities: {},
    userKeys: ["a"],
  });
  assertEquals(chatModel(models, "kimi-for-coding", [model({})]).contextLength, 2);
  for (const broken of [undefined, null, [], "x", { "kimi-for-coding": null }]) {
    assertEquals(chatModel(broken, "kimi-for-coding", []).contextLength, 262_144);
    assertEquals(chatModel(broken, "unknown", []).contextLength, 262_144);
  }
});

Deno.test("chatModel() prefers the service's facts to cached ones, and those to built-in ones", () => {
  const live = [model({ contextLength: 5, thinking: "only" })];
  const kept = [model({ contextLength: 7 }), model({ id: "k3", contextLength: 11 })];
  const of = (id: string, limit?: number) =>
    chatModel({ [id]: { limit: { context: limit } } }, id, [...live, ...kept]).contextLength;
  assertEquals([of("kimi-for-coding"), of("k3"), of("k3-256k")], [5, 11, 262_144]);
  assertEquals([of("kimi-for-coding", 7), of("k3", 1_048_576)], [5, 11], "ours");
  assertEquals([of("kimi-for-coding", 6), of("k3", 12)], [6, 12], "the user's");
  assertEquals(chatModel({}, "kimi-for-coding", [...live, ...kept]).abilities?.thinking, "only");
});

Deno.test("chatModel() ignores a context length of 0", () => {
  const kept = [model({ contextLength: 0 })];
  assertEquals(chatModel({}, "kimi-for-coding", kept).contextLength, 262_144);
});
