/** Readers of data from outside. */

/** A JSON object whose members have not been checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object, but not null or an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is an object, else an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** Copies an object with another one over it: objects are merged, any other value is replaced. */
export function mergeDeep(weaker: JsonObject, stronger: JsonObject): Record<string, unknown> {
  const result: Record<string, unknown> = { ...weaker };
  for (const [key, value] of Object.entries(stronger)) {
    const old = weaker[key];
    if (value === undefined) continue;
    result[key] = isObject(old) && isObject(value) ? mergeDeep(old, value) : value;
  }
  return result;
}

/** Parses a JSON object, with or without a byte order mark; returns `undefined` for anything else. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns a non-empty string, or `undefined`. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Reads a finite number, or a string of decimal digits, which the service sends in places. */
export function finite(value: unknown): number | undefined {
  const isDecimal = typeof value === "string" && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value);
  const number = isDecimal ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function positive(value: unknown): number | undefined {
  const number = finite(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** Makes text of a server fit for a terminal and a log: one line of at most 200 characters. */
export function printable(value: unknown): string {
  if (typeof value !== "string") return "";
  // JSON writes a lone surrogate as an escape, whose digits may join those that follow.
  const line = value.toWellFormed()
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ")
    .replace(/ +/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 199).toWellFormed()}…` : line;
}
