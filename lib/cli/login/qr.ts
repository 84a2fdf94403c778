/** Draws a QR code in a terminal. */

/*!
 * This package holds uqr 0.1.3, https://github.com/unjs/uqr, under this licence:
 *
 * MIT License
 *
 * Copyright (c) Project Nayuki
 * Copyright (c) 2023 Anthony Fu <https://github.com/antfu>
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software
 * and associated documentation files (the "Software"), to deal in the Software without
 * restriction, including without limitation the rights to use, copy, modify, merge, publish,
 * distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
 * Software is furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or
 * substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
 * BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
 * NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
 * DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */

import { encode, renderUnicodeCompact } from "uqr";
import type { Stream } from "../shared/terminal.ts";

/** Light modules around the code. ISO/IEC 18004 requires 4, but phones read it with 2. */
const BORDER = 2;

/** Codes that switch to white on black, and back. Source: ECMA-48 §8.3.117. */
const WHITE_ON_BLACK = "\x1b[97;40m";
const PLAIN = "\x1b[0m";

/** Draws a QR code; none if it is too wide. Without colours, it is inverted on a light terminal. */
export function qrLines(text: string, { columns, hasColour }: Stream): readonly string[] {
  const options = { border: BORDER, ecc: "L", boostEcc: false } as const;
  if (encode(text, options).size > columns) return [];
  const lines = renderUnicodeCompact(text, options).split("\n");
  return hasColour ? lines.map((line) => `${WHITE_ON_BLACK}${line}${PLAIN}`) : lines;
}
