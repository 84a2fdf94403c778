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

// What Python's str.strip() takes for white space: other than String.prototype.trim it takes
// U+001C to U+001F and U+0085, and leaves U+FEFF.
const SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005" +
  "\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

function isBlankText(text: string): boolean {
  for (const character of text) if (!SPACES.includes(character)) return false;
  return true;
}

/** Whether a content says nothing: it is missing, or holds only texts of white space. */
export function isBlank(content: unknown): boolean {
  if (content === undefined || content === null) return true;
  if (typeof content === "string") return isBlankText(content);
  return objects(content).every(({ type, text }) =>
    type === "text" && (typeof text !== "string" || isBlankText(text))
  );
}
