/**
 * What Python's strings and numbers do differently from JavaScript's.
 *
 * @module
 */

// Python's str.strip(): what str.isspace() holds for. Unlike String.prototype.trim it takes the
// separators U+001C to U+001F and U+0085, and leaves U+FEFF.
const PYTHON_SPACE =
  "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const ONLY_SPACE = new RegExp(`^${PYTHON_SPACE}*$`);
const SPACE_AT_ENDS = new RegExp(`^${PYTHON_SPACE}+|${PYTHON_SPACE}+$`, "g");

/**
 * Python's `str.strip()`.
 *
 * @param value A text.
 * @returns The text without white space, as Python counts it, at its ends.
 * @example
 * ```ts
 * import { pythonStrip } from "./python.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(pythonStrip("\x1c a\u0085"), "a");
 * assertEquals(pythonStrip("\ufeff"), "\ufeff");
 * ```
 */
export function pythonStrip(value: string): string {
  return value.replace(SPACE_AT_ENDS, "");
}

/**
 * Whether nothing is left of a text after Python's `str.strip()`.
 *
 * @param value A text of any length; reading stops at the first character that is not white space.
 * @returns Whether it is blank.
 */
export function isPythonBlank(value: string): boolean {
  return ONLY_SPACE.test(value);
}

/**
 * For numbers Python takes the separators U+001C to U+001F for no white space, and the decimal digits
 * of any script.
 */
function numberText(value: string): string {
  // deno-lint-ignore no-control-regex
  return /[\x1c-\x1f]/.test(value) ? "" : pythonStrip(value).replace(DIGIT, asciiDigit);
}

const DIGIT = /\p{Nd}/gu;

/** Each script's digits stand in a row, from 0 to 9. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (String.fromCodePoint(first - 1).search(DIGIT) === 0) first--;
  return `${(code - first) % 10}`;
}

/**
 * Python's `int(text)` for decimal text.
 *
 * @param value Digits, with white space at the ends, a sign and single underscores allowed.
 * @returns The number, or undefined where Python raises ValueError.
 * @example
 * ```ts
 * import { pythonInt } from "./python.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(pythonInt(" 8_192 "), 8192);
 * assertEquals(pythonInt("8192.0"), undefined);
 * ```
 */
export function pythonInt(value: string): number | undefined {
  const digits = numberText(value);
  return /^[+-]?\d+(_\d+)*$/.test(digits) ? Number(digits.replaceAll("_", "")) : undefined;
}

/**
 * Python's `float(text)`, but for infinities and NaN, which JSON cannot hold.
 *
 * @param value A number as Python spells it.
 * @returns The number, or undefined where Python raises ValueError or the value is not finite.
 */
export function pythonFloat(value: string): number | undefined {
  const digits = numberText(value);
  const part = String.raw`\d+(?:_\d+)*`;
  const form = new RegExp(`^[+-]?(?:${part}\\.?(?:${part})?|\\.${part})(?:e[+-]?${part})?$`, "i");
  if (!form.test(digits)) return undefined;
  const number = Number(digits.replaceAll("_", ""));
  return Number.isFinite(number) ? number : undefined;
}
