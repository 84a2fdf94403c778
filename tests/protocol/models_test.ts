import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readModels } from "../../lib/protocol/models.ts";
import { isObject, parseObject } from "../../lib/protocol/reader.ts";
import { deepFreeze, jsonWith, utf16 } from "./data.ts";

function read(...data: readonly unknown[]) {
  return readModels({ object: "list", data });
}

Deno.test("models are read in the service's order, with id, name and context length", () => {
  const models = read(
    {
      id: "kimi-for-coding",
      display_name: "K2.8 Preview",
      context_length: 1048576,
      supports_reasoning: true,
      object: "model",
    },
    { id: "k3", context_length: "262144" },
  );
  assertEquals(models, [
    { id: "kimi-for-coding", name: "K2.8 Preview", contextLength: 1048576 },
    { id: "k3", name: "k3", contextLength: 262144 },
  ]);
});

Deno.test("an entry without a usable id is passed over", () => {
  const models = read(null, 1, "k3", [], {}, { id: "" }, { id: 7 }, { id: "k3" });
  assertEquals(models.map(({ id }) => id), ["k3"]);
});

Deno.test("a context length that cannot be used is 0", () => {
  for (const context_length of [undefined, null, 0, -1, "many", {}, [], true, "", "0x10"]) {
    assertEquals(read({ id: "k3", context_length })[0]?.contextLength, 0);
  }
  assertEquals(read({ id: "k3", context_length: 1000.9 })[0]?.contextLength, 1000);
});

Deno.test("a name that holds control characters or nothing is made fit to be shown", () => {
  const name = (display_name: unknown) => read({ id: "k3", display_name })[0]?.name;
  assertEquals(name("\x1b[31mK3\r\n"), "[31mK3");
  for (const display_name of ["", " ", "\x07", 7, null]) assertEquals(name(display_name), "k3");
});

Deno.test("an answer of another shape has no models", () => {
  for (
    const json of [undefined, {}, { data: null }, { data: {} }, { data: "k3" }, { models: [] }]
  ) {
    assertEquals(readModels(json), []);
  }
});

Deno.test("arbitrary answers never throw and give only what can be used", () => {
  const any = jsonWith(["data", "id", "display_name", "context_length"]);
  fc.assert(fc.property(any, fc.array(any), (json, data) => {
    for (const given of [isObject(json) ? json : undefined, { data }]) {
      for (const { id, name, contextLength } of readModels(deepFreeze(given))) {
        assert(id !== "" && typeof name === "string");
        assert(Number.isInteger(contextLength) && contextLength >= 0, `${contextLength}`);
      }
    }
  }));
});

Deno.test("what is no JSON object is read as none, whatever its bytes", () => {
  for (const text of ["", "null", "[]", "1", '"{}"', "{", "<html>", "{} {}"]) {
    assertEquals(parseObject(text), undefined, text);
  }
  fc.assert(fc.property(utf16, (text) => {
    const json = parseObject(text);
    assert(json === undefined || isObject(json));
  }));
});
