import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { modelAnswer, parseModels } from "../../../lib/kimi/models/response.ts";
import { KNOWN_MODELS } from "../../../lib/kimi/models/catalog.ts";
import { isObject, parseObject } from "../../../lib/kimi/util/json.ts";
import { deepFreeze, jsonWith, utf16 } from "../../support/vectors.ts";

function read(...data: readonly unknown[]) {
  return parseModels({ object: "list", data });
}

Deno.test("parseModels() reads every member, in the service's order", () => {
  const models = read(
    {
      id: "k9",
      display_name: "K9 Preview",
      context_length: 1048576,
      supports_reasoning: true,
      supports_image_in: true,
      supports_video_in: true,
      supports_tool_use: false,
      supports_thinking_type: "only",
      think_efforts: {
        support: true,
        valid_efforts: ["low", "high", "max"],
        default_effort: "max",
      },
      protocol: "anthropic",
      object: "model",
    },
    { id: "k8", context_length: "262144" },
  );
  assertEquals(models, [
    {
      id: "k9",
      name: "K9 Preview",
      contextLength: 1048576,
      output: 32768,
      images: true,
      video: true,
      tools: false,
      thinking: "only",
      efforts: ["low", "high", "max"],
      defaultEffort: "max",
      protocol: "anthropic",
    },
    {
      ...{ id: "k8", name: "k8", contextLength: 262144, output: 32768 },
      ...{ images: false, video: false, tools: true, thinking: "both" },
    },
  ]);
});

Deno.test("parseModels() fills missing or odd members from the known model", () => {
  for (const known of KNOWN_MODELS) {
    const { id, contextLength: context_length, name: display_name } = known;
    assertEquals(read({ id, context_length, display_name }), [known]);
    const odd = {
      ...{ supports_image_in: "yes", supports_video_in: 1, supports_tool_use: null },
      ...{ supports_thinking_type: "maybe", think_efforts: { valid_efforts: "low" }, protocol: 7 },
    };
    assertEquals(read({ id, context_length, display_name, ...odd }), [known]);
  }
});

Deno.test("parseModels() reads thinking from its type, then from supports_reasoning", () => {
  const thinking = (entry: object) => read({ id: "k9", ...entry })[0]?.thinking;
  for (const type of ["both", "only", "no"]) {
    assertEquals(thinking({ supports_thinking_type: type, supports_reasoning: false }), type);
  }
  assertEquals([thinking({ supports_reasoning: false }), thinking({})], ["no", "both"]);
});

Deno.test("parseModels() returns no efforts if unsupported, and leaves them out if unknown", () => {
  const efforts = (think_efforts: unknown) => read({ id: "k9", think_efforts })[0]?.efforts;
  assertEquals(efforts({ support: false, valid_efforts: ["low"] }), []);
  assertEquals(efforts({ support: true, valid_efforts: [] }), []);
  for (const none of [undefined, null, [], "low", {}, { support: true }]) {
    assertEquals(efforts(none), undefined);
  }
  const odd = ["low", "low", 7, null, "", "off", "none", "a b", "\x1b[31m", "High", "xhigh"];
  assertEquals(efforts({ valid_efforts: odd }), ["low", "xhigh"]);
  const many = Array.from({ length: 10_000 }, (_, index) => `e${index}`);
  assertEquals(efforts({ valid_efforts: many })?.length, 16);
});

Deno.test("parseModels() reads at most 64 models, each once", () => {
  const data = Array.from({ length: 10_000 }, (_, index) => ({ id: `k${index >> 1}` }));
  const ids = read(...data).map(({ id }) => id);
  assertEquals([ids.length, new Set(ids).size, ids[0], ids[63]], [64, 64, "k0", "k63"]);
});

Deno.test("parseModels() skips an id that does not fit into a configuration or command line", () => {
  const ids = [
    "a b",
    "k3\n",
    "\x1b[31mk3",
    "__proto__",
    "-k3",
    "кими",
    "k".repeat(129),
    " k3",
    "constructor",
  ];
  assertEquals(read(...ids.map((id) => ({ id }))), []);
  const good = ["k3", "K3", "kimi-k2.5", "a/b", "x:free", "k@1", "k".repeat(128)];
  assertEquals(read(...good.map((id) => ({ id }))).map(({ id }) => id), good);
});

Deno.test("parseModels() reads what modelAnswer() writes", () => {
  assertEquals(read(...KNOWN_MODELS.map(modelAnswer)), KNOWN_MODELS);
  const any = jsonWith(["both", "only", "no", "anthropic", "low", "support", "valid_efforts"]);
  fc.assert(fc.property(any, any, any, (supports_thinking_type, think_efforts, protocol) => {
    const models = read({ id: "k3", supports_thinking_type, think_efforts, protocol });
    assertEquals(read(...models.map(modelAnswer)), models);
  }));
});

Deno.test("parseModels() skips an entry without a usable id", () => {
  const models = read(null, 1, "k3", [], {}, { id: "" }, { id: 7 }, { id: "k3" });
  assertEquals(models.map(({ id }) => id), ["k3"]);
});

Deno.test("parseModels() returns 0 for an unusable context length", () => {
  for (const context_length of [undefined, null, 0, -1, "many", {}, [], true, "", "0x10"]) {
    assertEquals(read({ id: "k3", context_length })[0]?.contextLength, 0);
  }
  assertEquals(read({ id: "k3", context_length: 1000.9 })[0]?.contextLength, 1000);
});

Deno.test("parseModels() makes names printable, and falls back to the id", () => {
  const name = (display_name: unknown) => read({ id: "k3", display_name })[0]?.name;
  assertEquals(name("\x1b[31mK3\r\n"), "[31mK3");
  for (const display_name of ["", " ", "\x07", 7, null]) assertEquals(name(display_name), "k3");
});

Deno.test("parseModels() returns no models for an answer of another shape", () => {
  for (
    const json of [undefined, {}, { data: null }, { data: {} }, { data: "k3" }, { models: [] }]
  ) {
    assertEquals(parseModels(json), []);
  }
});

Deno.test("parseModels() accepts arbitrary answers and returns only usable models", () => {
  const any = jsonWith(["data", "id", "display_name", "context_length"]);
  fc.assert(fc.property(any, fc.array(any), (json, data) => {
    for (const given of [isObject(json) ? json : undefined, { data }]) {
      for (const { id, name, contextLength } of parseModels(deepFreeze(given))) {
        assert(id !== "" && typeof name === "string");
        assert(Number.isInteger(contextLength) && contextLength >= 0, `${contextLength}`);
      }
    }
  }));
});

Deno.test("parseObject() returns undefined for anything but a JSON object", () => {
  for (const text of ["", "null", "[]", "1", '"{}"', "{", "<html>", "{} {}"]) {
    assertEquals(parseObject(text), undefined, text);
  }
  fc.assert(fc.property(utf16, (text) => {
    const json = parseObject(text);
    assert(json === undefined || isObject(json));
  }));
});
