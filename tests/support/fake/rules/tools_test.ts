import { assertEquals } from "@std/assert";
import { refusal } from "./refusal.ts";

const INVALID = "function name is invalid, must start with a letter and can contain letters, " +
  "numbers, underscores, and dashes";

function tool(name: unknown, parameters: unknown = { type: "object" }): object {
  return { type: "function", function: { name, parameters } };
}

Deno.test("a tool's name begins with a letter, and holds 64 letters, digits, _ and - at most", () => {
  for (const name of ["a", "Read_file-2", "m_21st_list_parts", "x".repeat(64)]) {
    assertEquals(refusal({ tools: [tool(name)] }), undefined, name);
  }
  const wrong = [
    "",
    "21st_list_parts",
    "___list_parts",
    "-a",
    "查询",
    "é",
    "a.b",
    "a b",
    "a/b",
    "a\n",
  ];
  for (const name of [...wrong, "x".repeat(65), undefined, 7]) {
    assertEquals(refusal({ tools: [tool(name)] }), INVALID, String(name));
  }
});

Deno.test("a name with $ is taken of a builtin function, and refused of another", () => {
  const named = { function: { name: "$web_search" } };
  assertEquals(refusal({ tools: [{ type: "builtin_function", ...named }] }), undefined);
  assertEquals(refusal({ tools: [{ type: "function", ...named }] }), INVALID);
  assertEquals(
    refusal({ tools: [{ type: "builtin_function", function: { name: "a" } }] }),
    INVALID,
  );
});

Deno.test("more than 128 tools, or two of a name, are refused", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => tool(`t${index}`));
  assertEquals(refusal({ tools: many(128) }), undefined);
  assertEquals(
    refusal({ tools: many(129) }),
    "Invalid request: a max of 128 tools can be supported",
  );
  assertEquals(refusal({ tools: [tool("a"), tool("A")] }), undefined);
  assertEquals(
    refusal({ tools: [tool("a"), tool("a")] }),
    "Invalid request: function name a is duplicated",
  );
});

Deno.test("the parameters of every tool are checked, and may be missing", () => {
  const fault = "Invalid request: tools.function.parameters is not a valid moonshot flavored " +
    "json schema, details: <At path 'properties.unit': type is not defined>";
  const unit = { type: "object", properties: { unit: { enum: ["m", "km"] } } };
  assertEquals(refusal({ tools: [tool("a"), tool("b", unit)] }), fault);
  assertEquals(refusal({ tools: [{ type: "function", function: { name: "a" } }] }), undefined);
});
