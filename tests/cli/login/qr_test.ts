import { assertEquals, assertMatch } from "@std/assert";
import { encode } from "uqr";
import { qrLines } from "../../../lib/cli/login/qr.ts";
import { fakeTerminal } from "../terminal.ts";

const URL = "https://www.kimi.com/code/authorize_device?user_code=ABCD-1234";

/** The light modules of the upper and the lower row, by character. */
const HALVES: Readonly<Record<string, string>> = { "█": "11", "▀": "10", "▄": "01", " ": "00" };

/** The rows of modules as a camera sees them on a dark terminal: 1 for light, 0 for dark. */
function seen(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => {
    const pairs = [...line].map((sign) => HALVES[sign] ?? "??");
    return [pairs.map((pair) => pair[0]).join(""), pairs.map((pair) => pair[1]).join("")];
  });
}

Deno.test("qrLines() draws the code of the URL, light on dark, with a border of two light modules", () => {
  const { out } = fakeTerminal({ isTerminal: true });
  const lines = qrLines(URL, out);
  const { data, size } = encode(URL, { ecc: "L", boostEcc: false, border: 2 });
  const wanted = data.map((row) => row.map((isDark) => isDark ? "0" : "1").join(""));
  assertEquals(seen(lines).slice(0, size), wanted);
  for (const row of [...wanted.slice(0, 2), ...wanted.slice(-2)]) assertMatch(row, /^1+$/);
});

Deno.test("qrLines() draws the code of a login in 40 columns and nothing if it does not fit", () => {
  const width = (columns: number) =>
    qrLines(URL, fakeTerminal({ isTerminal: true, columns }).out).map((line) => line.length);
  assertEquals([...new Set(width(40))], [37]);
  assertEquals(width(37).length, 19);
  assertEquals(width(36), []);
});

Deno.test("qrLines() draws white on black if the stream has colours", () => {
  const { out } = fakeTerminal({ isTerminal: true, hasColour: true });
  // deno-lint-ignore no-control-regex
  for (const line of qrLines(URL, out)) assertMatch(line, /^\x1b\[97;40m[█▀▄ ]{37}\x1b\[0m$/);
});
