import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parse, type ParseError } from "jsonc-parser";
import { parseJsonc } from "../../../../lib/cli/doctor/collect/jsonc.ts";

Deno.test("parseJsonc() reads JSON with comments and trailing commas like the JSON without them", () => {
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

/** What opencode reads, with the package and the options that it uses. */
function opencodeReads(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return errors.length === 0 && isObject ? value : undefined;
}

Deno.test("parseJsonc() accepts and refuses the same text as jsonc-parser, which opencode uses", () => {
  const pieces = [
    ...["{", "}", "[", "]", ",", ":", " ", "\n", "1", "-2.5e3", "true", "null", "x", "/"],
    ...[
      '"a"',
      '"b"',
      '"//"',
      '",}"',
      '"\\""',
      '"',
      "// c\n",
      "/* , */",
      "/*",
      "*/",
      '"a":1',
      "[1,",
    ],
  ];
  const plugin = fc.array(fc.constantFrom(...pieces), { maxLength: 6 })
    .map((parts) => `{"plugin":${parts.join("")}}`);
  const anything = fc.array(fc.constantFrom(...pieces), { maxLength: 9 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(plugin, anything), (text) => {
      assertEquals(parseJsonc(text), opencodeReads(text), text);
    }),
    { numRuns: 5_000, examples: [['{"plugin":[,]}'], ["{,}"], ["{/**/,}"], ['{"a":[1,],}']] },
  );
});

Deno.test("parseJsonc() returns undefined for anything but one whole object", () => {
  for (const text of ["", "[]", "null", '{"a":', "{} {}", "/* {}", '{"a":1,,}', "{,}", "[,]"]) {
    assertEquals(parseJsonc(text), undefined, text);
  }
  assertEquals(parseJsonc('\ufeff{"a":1}'), { a: 1 });
});
