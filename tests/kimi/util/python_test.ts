import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isPythonBlank, pythonStrip } from "../../../lib/kimi/util/python.ts";
import { pythonFloat, pythonInt } from "../../../lib/kimi/util/python_number.ts";

/** The characters for which `str.isspace()` of CPython 3.13 is true. */
const SPACES: ReadonlySet<number> = new Set([
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x85, 0xa0, 0x1680],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a],
  ...[0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
]);

Deno.test("contract 2: isPythonBlank() agrees with Python's str.isspace on every character", () => {
  const blank = (unit: number) => isPythonBlank(String.fromCharCode(unit));
  const units = Array.from({ length: 0x10000 }, (_, unit) => unit);
  assertEquals(units.filter(blank), [...SPACES]);
});

Deno.test("contract 2: pythonStrip() removes blanks only at both ends", () => {
  const unit = fc.oneof(fc.constantFrom(...SPACES), fc.constantFrom(0x61, 0xfeff, 0x200b, 0));
  const text = fc.array(unit, { maxLength: 12 }).map((units) => String.fromCharCode(...units));
  fc.assert(fc.property(text, (value) => {
    const isSpace = (at: number) => SPACES.has(value.charCodeAt(at));
    let [start, end] = [0, value.length];
    while (start < end && isSpace(start)) start++;
    while (end > start && isSpace(end - 1)) end--;
    assertEquals(pythonStrip(value), value.slice(start, end));
    assertEquals(isPythonBlank(value), start === end);
  }));
});

Deno.test("contract 2: isPythonBlank() is fast for long texts", () => {
  assertEquals(isPythonBlank(`${" ".repeat(1e6)}x`), false);
  assertEquals(isPythonBlank(" ".repeat(1e6)), true);
});

Deno.test("pythonInt() reads decimal text as CPython's int does", () => {
  const read: Readonly<Record<string, number>> = {
    "8192": 8192,
    " 8192\n": 8192,
    "8_192": 8192,
    "+5": 5,
    "-5": -5,
    "00012": 12,
    "\u00a07\u3000": 7,
    "８１９２": 8192,
    "٤٢": 42,
    "-𝟗_𝟘\u0085": -90,
  };
  for (const [text, value] of Object.entries(read)) assertEquals(pythonInt(text), value, text);
  const wrong = ["", "  ", "8__192", "_8", "8_", "8192.0", "1e3", "0x10", "\ufeff7", "many", "1 2"];
  for (
    const text of [
      ...wrong,
      "- 5",
      "－5",
      "--5",
      "+",
      "12a",
      "①",
      "²",
      "Ⅷ",
      "一",
      "Infinity",
      "NaN",
    ]
  ) {
    assertEquals(pythonInt(text), undefined, text);
  }
});

Deno.test("pythonFloat() reads text as CPython's float does, except infinities and NaN", () => {
  const read: Readonly<Record<string, number>> = {
    "0.6": 0.6,
    " 1 ": 1,
    "1.": 1,
    ".5": 0.5,
    "-.5": -0.5,
    "+1e-7": 1e-7,
    "1E5": 1e5,
    "1_0.5_0": 10.5,
    "1e1_0": 1e10,
    "\u00a01\u3000": 1,
    "٠.２5": 0.25,
    "९e-１": 0.9,
  };
  for (const [text, value] of Object.entries(read)) assertEquals(pythonFloat(text), value, text);
  const wrong = [
    "",
    ".",
    "1__0",
    "_1",
    "1_",
    "1._5",
    "1e",
    "e5",
    "0x1p3",
    "1,5",
    "abc",
    "--1",
    "1 5",
  ];
  for (const text of [...wrong, "inf", "nan", "Infinity", "1e400", "-1e400", "\ufeff1"]) {
    assertEquals(pythonFloat(text), undefined, text);
  }
});
