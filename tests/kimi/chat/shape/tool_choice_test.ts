import { assertEquals } from "@std/assert";
import { wireChoice } from "../../../../lib/kimi/chat/shape/tool_choice.ts";
import { toWireName } from "../../../../lib/kimi/chat/tool_names.ts";

const NAMED = (name: string) => ({ type: "function", function: { name } });

/** The choice on the wire, where these tools are offered. */
function sent(choice: unknown, { isOff = true, tools = ["f", toWireName("1f")] } = {}) {
  return wireChoice(choice, { isOff, names: new Set(tools), notes: new Set() });
}

Deno.test("wireChoice() keeps a forced choice if the model does not think", () => {
  for (const choice of ["required", NAMED("f")]) assertEquals(sent(choice), choice);
  assertEquals(sent(NAMED("1f")), NAMED(toWireName("1f")));
});

Deno.test("wireChoice() drops a forced choice if the model thinks", () => {
  for (const choice of ["required", NAMED("f")]) {
    assertEquals(sent(choice, { isOff: false }), undefined);
  }
});

Deno.test("wireChoice() drops a choice of a tool that is not offered, and what is not a choice", () => {
  for (const choice of [NAMED("g"), {}, 7, "any", NAMED("")]) {
    assertEquals(sent(choice), undefined);
  }
  assertEquals(sent("required", { tools: [] }), undefined);
});

Deno.test("wireChoice() leaves out the free choice, which is the service's own", () => {
  for (const choice of ["auto", "none", null, undefined]) assertEquals(sent(choice), undefined);
});
