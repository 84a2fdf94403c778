import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { toWireName } from "../../../lib/kimi/chat/tool_names.ts";

for (const name of ["bash", "a", "mcp_Server-1", "x".repeat(64), "$web_search"]) {
  Deno.test(`toWireName() keeps ${name.slice(0, 20)}`, () => assertEquals(toWireName(name), name));
}

Deno.test("toWireName() writes what the service refuses as a name of its own", () => {
  assertMatch(toWireName("21st_list_parts"), /^t_21st_list_parts_[0-9a-f]{8}$/);
  assertMatch(toWireName("___list_parts"), /^t____list_parts_[0-9a-f]{8}$/);
  assertMatch(toWireName("docs_查询"), /^docs___[0-9a-f]{8}$/);
  assertEquals(toWireName("x".repeat(90)).length, 64);
});

Deno.test("toWireName() tells names apart that differ only in what the service refuses", () => {
  assertNotEquals(toWireName("docs_查询"), toWireName("docs_搜索"));
  assertNotEquals(toWireName("a.b"), toWireName("a:b"));
});

Deno.test("toWireName() gives any name a form that the service takes", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 100 }), (name) => {
    const wire = toWireName(name);
    assert(name.startsWith("$") || /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(wire), wire);
    assertEquals(toWireName(wire), wire);
  }));
});
