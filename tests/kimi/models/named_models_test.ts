import { assertEquals } from "@std/assert";
import { namedModels } from "../../../lib/kimi/models/named_models.ts";

Deno.test("namedModels() returns the models of the configuration, its agents, modes and commands", () => {
  const config = {
    model: "a/1",
    small_model: "b/2",
    agent: { build: { model: "c/3" }, plan: {}, odd: null },
    mode: { fast: { model: "d/4" } },
    command: { review: { model: "e/5", template: "x" }, broken: { model: 5 } },
    provider: { f: { models: { "6": {} } } },
  };
  assertEquals(namedModels(config), ["a/1", "b/2", "c/3", "d/4", "e/5"]);
  assertEquals(namedModels({ agent: "x", command: [] }), []);
});
