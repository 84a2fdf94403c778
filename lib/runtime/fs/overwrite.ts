/** Writes into a file that no other can replace, such as a mount of its own. */

import { readFileSync, writeFileSync } from "node:fs";

/** Overwrites a file in place; what it held is put back if that fails, as on a full disk. */
export function overwrite(path: string, text: string): void {
  const old = readFileSync(path);
  try {
    writeFileSync(path, text, { flush: true });
  } catch (error) {
    writeFileSync(path, old);
    throw error;
  }
}
