/**
 * Small readers of data from outside, which say what they found instead.
 *
 * @module
 */

/** A JSON object whose members nobody has looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * @param value Anything.
 * @returns Whether it is an object that is neither null nor an array.
 */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Copies an object with another one over it: objects are merged, any other value is replaced. */
export function mergeDeep(weaker: JsonObject, stronger: JsonObject): Record<string, unknown> {
  const result: Record<string, unknown> = { ...weaker };
  for (const [key, value] of Object.entries(stronger)) {
    const old = weaker[key];
    if (value !== undefined) {
      result[key] = isObject(old) && isObject(value) ? mergeDeep(old, value) : value;
    }
  }
  return result;
}

/**
 * @param text A text that should be JSON, behind a byte order mark or not.
 * @returns The object in it, or undefined for anything else.
 */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param value Anything.
 * @returns The value if it is a string that is not empty, or undefined.
 */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * @param value A number, or a string of decimal digits such as the service sends in places.
 * @returns The finite number, or undefined.
 */
export function finite(value: unknown): number | undefined {
  const isDecimal = typeof value === "string" && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value);
  const number = isDecimal ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/**
 * Text of a server made fit for a terminal and a log line: without control characters, in one line
 * and cut to 200 characters.
 *
 * @param value Anything.
 * @returns The printable part of it, possibly empty.
 */
export function printable(value: unknown): string {
  if (typeof value !== "string") return "";
  // Half a pair is written as an escape in JSON, whose digits may join those behind it.
  const line = value.toWellFormed()
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ")
    .replace(/ +/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 199).toWellFormed()}…` : line;
}
