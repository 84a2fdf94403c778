import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { createConvertTools } from "../../../lib/kimi/chat_body/tool_list.ts";
import { createConvertTool } from "../../../lib/kimi/chat_body/tools.ts";
import { KIMI_CLI } from "../../../lib/kimi/kimi_cli/body.ts";
import { KIMI_CODE } from "../../../lib/kimi/kimi_code/body.ts";
import { sdkTool } from "../../support/vectors.ts";

const parameters = [
  undefined,
  { type: "object", properties: { a: { type: "string" } } },
  { type: "object", properties: { a: { enum: [1] } } },
];
const tool = fc.oneof(
  fc.record({
    name: fc.constantFrom("a", "b", "$web", "1x", "B"),
    description: fc.constantFrom("", "first", "other"),
    parameters: fc.constantFrom(...parameters),
  }).map(sdkTool),
  fc.constantFrom<unknown>(null, {}, { function: {} }),
);

for (const [client, format] of Object.entries({ "kimi-cli": KIMI_CLI, "kimi-code": KIMI_CODE })) {
  const create = () =>
    createConvertTools(createConvertTool(format.completeSchema), format.arrangeTools);

  Deno.test(`createConvertTools() makes of a list what it is for ${client}, whatever lists came before`, () => {
    const lists = fc.array(fc.array(tool, { maxLength: 4 }), { maxLength: 6 });
    fc.assert(fc.property(lists, (lists) => {
      const convert = create();
      for (const list of lists.flatMap((list) => [list, structuredClone(list)])) {
        assertEquals(convert(list), create()(list));
      }
    }));
  });

  Deno.test(`createConvertTools() makes the same list for ${client} once`, () => {
    const convert = create();
    const list = () => [sdkTool({ name: "a", parameters: parameters[1] })];
    assertStrictEquals(convert(list()), convert(list()));
  });
}
