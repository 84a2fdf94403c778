import { assertEquals } from "@std/assert";
import { refusal } from "./refusal.ts";
import { refuseThinking } from "./thinking.ts";

const OFF = { thinking: { type: "disabled" } };
const ON = { thinking: { type: "enabled" } };
const TOOLS = { tools: [{ type: "function", function: { name: "f" } }] };
const NAMED = { type: "function", function: { name: "f" } };

Deno.test("a forced tool choice is taken while thinking is off, and refused while it is on", () => {
  for (const tool_choice of ["required", NAMED]) {
    assertEquals(refusal({ ...TOOLS, ...OFF, tool_choice }), undefined);
    const word = typeof tool_choice === "string" ? tool_choice : "specified";
    const message = `tool_choice '${word}' is incompatible with thinking enabled`;
    for (const thinking of [ON, {}]) {
      assertEquals(refusal({ ...TOOLS, ...thinking, tool_choice }), message);
    }
  }
});

Deno.test("a forced choice of a tool that is not there is refused", () => {
  const message = 'invalid tool_choice: "required"';
  assertEquals(refusal({ ...OFF, tool_choice: "required" }), message);
  const other = { type: "function", function: { name: "g" } };
  assertEquals(
    refusal({ ...TOOLS, ...OFF, tool_choice: other }),
    `invalid tool_choice: ${JSON.stringify(other)}`,
  );
});

Deno.test("an effort that the model lacks, or beside thinking that is off, is refused", () => {
  assertEquals(refusal({ ...ON, reasoning_effort: "high" }), undefined);
  assertEquals(
    refusal({ ...ON, reasoning_effort: "ultra" }),
    'invalid reasoning_effort: "ultra"',
  );
  assertEquals(refusal({ ...OFF, reasoning_effort: "low" }), 'invalid reasoning_effort: "low"');
});

Deno.test("thinking of an unknown type is refused, and no thinking by a model that always thinks", () => {
  assertEquals(
    refusal({ thinking: { type: "auto" } }),
    "invalid thinking: only type=enabled or type=disabled is allowed",
  );
  const only = { supports_thinking_type: "only" };
  assertEquals(
    refuseThinking(OFF, only),
    "invalid thinking: only type=enabled is allowed for this model",
  );
  assertEquals(refuseThinking(ON, only), undefined);
});
