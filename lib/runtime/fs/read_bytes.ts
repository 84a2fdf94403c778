/** Reads files of the user. */

import { codeOf } from "./errors.ts";

/** Reads a file of at most so many bytes; its errors fit a sentence that begins with the file's name. */
export async function readBytes(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const { open } = await import("node:fs/promises");
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new Error(`it cannot be read (${codeOf(cause)})`, { cause });
  });
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw new TypeError("it is not a file");
    if (facts.size > maxBytes) throw new RangeError(`it is larger than ${maxBytes >> 20} MB`);
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}
