import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseJsonc } from "../../../../lib/cli/doctor/collect/jsonc.ts";

Deno.test("JSON with comments and trailing commas anywhere is read as JSON without them", () => {
  const filler = fc.constantFrom(" ", "\n", '// a " } , \n', '/* { [ " */', "/* // */\r\n");
  const member = fc.tuple(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(member), filler, filler, fc.boolean(), (members, one, two, comma) => {
      const object = Object.fromEntries(members);
      const text = Object.entries(object).map(([key, value]) =>
        `${one}${JSON.stringify(key)}${two}:${one}${JSON.stringify(value)}${two}`
      );
      const tail = comma && text.length > 0 ? `,${two}` : "";
      assertEquals(
        parseJsonc(`${one}{${text.join(",")}${tail}}${two}`),
        JSON.parse(JSON.stringify(object)),
      );
    }),
  );
});

Deno.test("what is no object, or is cut off, is none", () => {
  for (const text of ["", "[]", "null", '{"a":', "{} {}", "/* {}", '{"a":1,,}', "{,}"]) {
    assertEquals(parseJsonc(text), text === "{,}" ? {} : undefined, text);
  }
  assertEquals(parseJsonc('\ufeff{"a":1}'), { a: 1 });
});
