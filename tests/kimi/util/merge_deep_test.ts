import { assertEquals } from "@std/assert";
import { mergeDeep } from "../../../lib/kimi/util/json.ts";

Deno.test("mergeDeep() merges objects, replaces any other value, and changes neither input", () => {
  const weaker = { a: { x: 1, y: [1, 2] }, b: "old", c: { z: 1 }, d: 1 };
  const stronger = { a: { y: [3] }, b: { n: 1 }, c: "text", d: undefined, e: null };
  const before = JSON.stringify([weaker, stronger]);
  assertEquals(mergeDeep(weaker, stronger), {
    a: { x: 1, y: [3] },
    b: { n: 1 },
    c: "text",
    d: 1,
    e: null,
  });
  assertEquals(JSON.stringify([weaker, stronger]), before);
});
