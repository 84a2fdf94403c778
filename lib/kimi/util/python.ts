/** Python's strings, where they differ from JavaScript's. */

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
  const first = value.charCodeAt(0);
  return !(first > 0x20 && first < 0x80) && ONLY_SPACE.test(value);
}
