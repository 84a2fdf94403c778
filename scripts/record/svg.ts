/**
 * Frames of a terminal as one animated SVG: no script, no font, nothing from outside.
 *
 * @module
 */
import type { Cell, Frame, Style } from "./frame.ts";

const CELL = { width: 8.4, height: 18 };
const FONT_SIZE = 14;
const MARGIN = 12;
const BACKGROUND = "#0a0a0a";
const FOREGROUND = "#e6e6e6";

const PALETTE = [
  ...["#1c1c1c", "#f7768e", "#7fd88f", "#e5c07b", "#5c9cf5", "#c099ff", "#56b6c2", "#c8c8c8"],
  ...["#808080", "#ff899d", "#9ece6a", "#f5d08b", "#7cb0ff", "#d0b0ff", "#7fd8e0", "#ffffff"],
];

/** Characters that are drawn, since no two fonts join them alike: parts of a cell, in tenths. */
const DRAWN: Readonly<Record<string, readonly (readonly [number, number, number, number])[]>> = {
  "█": [[0, 0, 10, 10]],
  "▀": [[0, 0, 10, 5]],
  "▄": [[0, 5, 10, 5]],
  "┃": [[4, 0, 2, 10]],
  "╹": [[4, 0, 2, 5]],
  "│": [[4, 0, 1, 10]],
  "┌": [[4, 5, 1, 5], [4, 5, 6, 1]],
  "└": [[4, 0, 1, 5], [4, 5, 6, 1]],
  "├": [[4, 0, 1, 10], [4, 5, 6, 1]],
  "─": [[0, 5, 10, 1]],
  "╮": [[0, 5, 5, 1], [4, 5, 1, 5]],
  "╯": [[0, 5, 5, 1], [4, 0, 1, 5]],
};

/** How the picture is described to those who do not see it. */
export interface Caption {
  readonly title: string;
  readonly description: string;
}

interface Run {
  readonly column: number;
  readonly columns: number;
  readonly text: string;
  readonly style: Style;
}

/** Draws the frames, one after the other and again from the start. */
export function svgOf(frames: readonly Frame[], { title, description }: Caption): string {
  const rows = new Map<string, string>();
  const [first] = frames;
  const columns = first?.rows[0]?.reduce((sum, { width }) => sum + width, 0) ?? 0;
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = (first?.rows.length ?? 0) * CELL.height + 2 * MARGIN;
  const reel = frames.map((frame, index) => {
    const uses = frame.rows.map((row, line) => {
      const drawn = drawRow(row);
      if (drawn === "") return "";
      const id = rows.get(drawn) ?? `r${rows.size.toString(36)}`;
      rows.set(drawn, id);
      return `<use href="#${id}"${line === 0 ? "" : ` y="${line * CELL.height}"`}/>`;
    });
    return `<g transform="translate(${index * width})">${uses.join("")}${cursor(frame)}</g>`;
  });
  const symbols = [...rows].map(([drawn, id]) => `<g id="${id}">${drawn}</g>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `height="${height}" role="img" aria-labelledby="t d">`,
    `<title id="t">${escaped(title)}</title>`,
    `<desc id="d">${escaped(description)}</desc>`,
    `<style>${styleSheet(frames, width)}</style>`,
    `<defs>${symbols.join("\n")}</defs>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<svg x="${MARGIN}" y="${MARGIN}" width="${width - 2 * MARGIN}"><g class="reel">`,
    ...reel,
    "</g></svg>",
    "</svg>",
    "",
  ].join("\n");
}

/** Without animation the last frame stands. */
function styleSheet(frames: readonly Frame[], width: number): string {
  const total = frames.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  let at = 0;
  const steps = frames.map(({ milliseconds }, index) => {
    const percent = (at / total * 100).toFixed(3).replace(/\.?0+$/, "");
    at += milliseconds;
    return `${percent}%{transform:translateX(${-index * width}px)}`;
  });
  return [
    `text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;` +
    `white-space:pre;fill:${FOREGROUND}}`,
    ".b{font-weight:700}.d{opacity:.6}.i{font-style:italic}.u{text-decoration:underline}",
    `@keyframes play{${steps.join("")}}`,
    `.reel{transform:translateX(${-(frames.length - 1) * width}px);` +
    `animation:play ${total / 1000}s step-end infinite}`,
    "@media(prefers-reduced-motion:reduce){.reel{animation:none}}",
  ].join("");
}

function drawRow(row: readonly Cell[]): string {
  const runs = runsOf(row);
  return [...runs.map(background), ...runs.map(foreground)].join("");
}

/** Neighbours of the same look as one; a drawn character is a run with others of its kind. */
function runsOf(row: readonly Cell[]): readonly Run[] {
  const runs: Run[] = [];
  let column = 0;
  for (const { text, width, style } of row) {
    const last = runs.at(-1);
    if (last !== undefined && joins(last, text, style)) {
      runs.push({ ...runs.pop() ?? last, columns: last.columns + width, text: last.text + text });
    } else runs.push({ column, columns: width, text, style });
    column += width;
  }
  return runs;
}

function joins(run: Run, text: string, style: Style): boolean {
  const kind = (text: string) => Object.hasOwn(DRAWN, text) ? text : "";
  return JSON.stringify(run.style) === JSON.stringify(style) &&
    kind([...run.text][0] ?? "") === kind(text);
}

function background({ column, columns, style }: Run): string {
  if (style.background === undefined) return "";
  const fill = colour(style.background);
  return fill === BACKGROUND ? "" : rectangle(column, 0, columns, 1, fill);
}

function foreground({ column, columns, text, style }: Run): string {
  if (text.trim() === "") return "";
  const parts = DRAWN[[...text][0] ?? ""];
  if (parts !== undefined) {
    const fill = colour(style.foreground ?? FOREGROUND);
    return parts.flatMap(([x, y, width, height]) => {
      // One that is as wide as its cell joins its neighbours.
      const each = width === 10
        ? [column]
        : Array.from({ length: columns }, (_, at) => column + at);
      return each.map((at) =>
        rectangle(at + x / 10, y / 10, width === 10 ? columns : width / 10, height / 10, fill)
      );
    }).join("");
  }
  const lead = text.length - text.trimStart().length;
  const shown = text.trim();
  const length = columns - lead - (text.length - lead - shown.length);
  const classes = [style.bold && "b", style.dim && "d", style.italic && "i", style.underline && "u"]
    .filter(Boolean).join(" ");
  return `<text x="${pixels((column + lead) * CELL.width)}" y="13"` +
    (length > 1 ? ` textLength="${pixels(length * CELL.width)}"` : "") +
    (classes === "" ? "" : ` class="${classes}"`) +
    (style.foreground === undefined ? "" : ` style="fill:${colour(style.foreground)}"`) +
    `>${escaped(shown)}</text>`;
}

function cursor({ cursor: at }: Frame): string {
  return at === undefined ? "" : rectangle(at.column, at.row, 1, 1, FOREGROUND);
}

/** In columns and rows. */
function rectangle(x: number, y: number, width: number, height: number, fill: string): string {
  const [left, top] = [x * CELL.width, y * CELL.height];
  return `<rect x="${pixels(left)}" y="${pixels(top)}" width="${pixels(width * CELL.width)}" ` +
    `height="${pixels(height * CELL.height)}" fill="${fill}"/>`;
}

/** The 256 colours of xterm: 16 of the theme, a cube of 6, 24 greys. */
function colour(value: number | string): string {
  if (typeof value === "string") return value;
  const named = PALETTE[value];
  if (named !== undefined) return named;
  const level = (step: number) => step === 0 ? 0 : 55 + 40 * step;
  const index = value - 16;
  const [red, green, blue] = value >= 232
    ? Array.from({ length: 3 }, () => 8 + 10 * (value - 232))
    : [level(Math.floor(index / 36)), level(Math.floor(index / 6) % 6), level(index % 6)];
  return `rgb(${red},${green},${blue})`;
}

function pixels(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
