/** A JSON object, of unknown contents. */
export type Json = Readonly<Record<string, unknown>>;

/** The value as an object, or an empty one. */
export function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as a list, or an empty one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a list of objects. */
export function objects(value: unknown): readonly Json[] {
  return list(value).map(object);
}

/** The text of a message's content: a string, or its text parts joined. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return objects(content).map(({ text }) => typeof text === "string" ? text : "").join("");
}

/** Whether thinking is switched on in so many words. */
export function thinkingEnabled(body: Json): boolean {
  return object(body.thinking).type === "enabled";
}

/** Whether thinking is switched off; a body without the field leaves it on. */
export function thinkingDisabled(body: Json): boolean {
  return object(body.thinking).type === "disabled";
}

/** Names of the functions offered. */
export function toolNames(body: Json): readonly string[] {
  return objects(body.tools).map((tool) => String(object(tool.function).name ?? ""));
}
