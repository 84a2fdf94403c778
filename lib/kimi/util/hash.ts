/** A short hash that is the same in every process. */

/**
 * Hashes a text by FNV-1a, 32 bits, twice with different offsets.
 *
 * @param text Any text.
 * @returns 16 hexadecimal digits.
 */
export function fnv1a(text: string): string {
  let [first, second] = [0x811c9dc5, 0x050c5d1f];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x01000193);
  }
  return [first, second].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
