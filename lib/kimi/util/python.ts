/** Python's strings and numbers, where they differ from JavaScript's. */

// White space of str.isspace(). Unlike that of String.prototype.trim it includes the separators U+001C
// to U+001F and U+0085, but not U+FEFF.
const PYTHON_SPACE =
  "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const ONLY_SPACE = new RegExp(`^${PYTHON_SPACE}*$`);
const SPACE_AT_ENDS = new RegExp(`^${PYTHON_SPACE}+|${PYTHON_SPACE}+$`, "g");

/** Python's `str.strip()`. */
export function pythonStrip(value: string): string {
  return value.replace(SPACE_AT_ENDS, "");
}

/** Whether Python's `str.strip()` leaves nothing; reads only up to the first other character. */
export function isPythonBlank(value: string): boolean {
  return ONLY_SPACE.test(value);
}

/** In numbers Python refuses the separators U+001C to U+001F, and accepts digits of any script. */
function numberText(value: string): string {
  // deno-lint-ignore no-control-regex
  return /[\x1c-\x1f]/.test(value) ? "" : pythonStrip(value).replace(DIGIT, asciiDigit);
}

const DIGIT = /\p{Nd}/gu;

/** The digits of each script are consecutive, from 0 to 9. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (String.fromCodePoint(first - 1).search(DIGIT) === 0) first--;
  return `${(code - first) % 10}`;
}

/** Python's `int(text)` for decimal text; `undefined` if Python raises ValueError. */
export function pythonInt(value: string): number | undefined {
  const digits = numberText(value);
  return /^[+-]?\d+(_\d+)*$/.test(digits) ? Number(digits.replaceAll("_", "")) : undefined;
}

/** Python's `float(text)`; `undefined` also for infinities and NaN, which JSON cannot hold. */
export function pythonFloat(value: string): number | undefined {
  const digits = numberText(value);
  const part = String.raw`\d+(?:_\d+)*`;
  const form = new RegExp(`^[+-]?(?:${part}\\.?(?:${part})?|\\.${part})(?:e[+-]?${part})?$`, "i");
  if (!form.test(digits)) return undefined;
  const number = Number(digits.replaceAll("_", ""));
  return Number.isFinite(number) ? number : undefined;
}
