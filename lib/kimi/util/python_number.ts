/** Python's numbers, which differ from JavaScript's. */

import { pythonStrip } from "./python.ts";

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
