import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { finite, printable, text } from "../../../lib/kimi/util/json.ts";
import { conceal } from "../../../lib/kimi/util/redact.ts";
import { jsonWith, utf16 } from "../../support/vectors.ts";

Deno.test("finite() reads numbers and strings of decimal digits", () => {
  const read: readonly (readonly [unknown, number])[] = [
    ...[[5, 5], ["5", 5], [" -1.5 ", -1.5], ["+7", 7], [0, 0], ["007", 7]] as const,
  ];
  for (const [value, number] of read) assertEquals(finite(value), number);
  for (
    const value of [
      NaN,
      Infinity,
      "",
      " ",
      "1e3",
      "0x10",
      "1.",
      ".5",
      "Infinity",
      "9".repeat(400),
      null,
      [],
      {},
      true,
    ]
  ) {
    assertEquals(finite(value), undefined, String(value));
  }
});

Deno.test("text() returns undefined for an empty string", () => {
  assertEquals([text("a"), text(" ")], ["a", " "]);
  for (const value of ["", null, undefined, 1, {}, ["a"]]) assertEquals(text(value), undefined);
});

Deno.test("printable() returns one line of at most 200 characters without control characters", () => {
  assertEquals(printable("a\r\nb\tc\x1b[0m\u202ed\u2028 "), "a b c [0m d");
  assertEquals(printable("x".repeat(200)), "x".repeat(200));
  assertEquals(printable("x".repeat(201)), `${"x".repeat(199)}…`);
  assertEquals(printable(`${"x".repeat(198)}😀😀`), `${"x".repeat(198)}\ufffd…`);
  fc.assert(fc.property(fc.oneof(utf16.map((part) => part.repeat(9)), jsonWith([])), (value) => {
    const line = printable(value);
    assert(line.length <= 200 && line === line.trim(), line);
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(line), line);
  }));
});

Deno.test("contract 8: concealed members can be read by name but are never shown", () => {
  const login = conceal({ user: "u1" }, { token: "SECRET" });
  assertEquals(login.token, "SECRET");
  const copies = [
    ...[JSON.stringify(login), Deno.inspect(login, { depth: 9 }), Object.entries(login).join()],
    ...[JSON.stringify({ ...login }), JSON.stringify(structuredClone(login)), String(login)],
    ...[Deno.inspect(new Error("x", { cause: login })), Deno.inspect([{ login }])],
  ];
  for (const shown of copies) assert(!shown.includes("SECRET"), shown);
});
