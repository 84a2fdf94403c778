/** Writes to the standard output. */

export type Write = (text: string) => void;

/** Writes a text at once, and all of it. */
export const write: Write = (text) => {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
};
