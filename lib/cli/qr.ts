/**
 * A QR code in a terminal.
 *
 * @module
 */

import { encode, renderUnicodeCompact } from "uqr";
import type { Stream } from "./terminal.ts";

/** Light modules around the code. ISO/IEC 18004 wants 4; phones read it with 2. */
const BORDER = 2;

/** White on black, and back. Source: ECMA-48 §8.3.117. */
const WHITE_ON_BLACK = "\x1b[97;40m";
const PLAIN = "\x1b[0m";

/**
 * Draws a QR code, two rows of modules in a line. Its light parts are drawn, its dark parts are the
 * background: without colours it is right on a dark terminal, and inverted on a light one.
 *
 * @param text What it says.
 * @param stream Where it will be shown.
 * @returns Its lines; none where they would not fit.
 */
export function qrLines(text: string, { columns, hasColour }: Stream): readonly string[] {
  const options = { border: BORDER, ecc: "L", boostEcc: false } as const;
  if (encode(text, options).size > columns) return [];
  const lines = renderUnicodeCompact(text, options).split("\n");
  return hasColour ? lines.map((line) => `${WHITE_ON_BLACK}${line}${PLAIN}`) : lines;
}
