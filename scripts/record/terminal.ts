/**
 * A terminal in memory: a program in it, keys typed into it, and its screen read cell by cell.
 *
 * @module
 */
import type { Cell, Frame, Style } from "./frame.ts";

/** Loaded by name, so that neither is in the lock file: only this task needs them. */
const PTY: string = "npm:@lydell/node-pty@1.1.0";
const XTERM: string = "npm:@xterm/headless@6.0.0";

/** The screen must not have changed for so long before it is read, in milliseconds. */
const QUIET = 250;
const PATIENCE = 90_000;

/** Keys typed at once: one frame for each group. */
const KEYS = 3;

/** How a program is run in a terminal. */
export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A terminal whose program ends when it is disposed. */
export interface Terminal extends AsyncDisposable {
  /** The frames that were taken. */
  readonly frames: readonly Frame[];
  /** Types a text, a few keys at a time, a frame for each. */
  type(text: string): Promise<void>;
  /** Sends keys at once, without a frame. */
  press(keys: string): void;
  /** Waits until the screen holds a text and, unless it is one that moves, has come to rest. */
  until(pattern: RegExp, options?: { readonly moving?: boolean }): Promise<void>;
  /** Takes a frame that is shown for so many milliseconds. */
  take(milliseconds: number): void;
}

interface Pty {
  onData(listener: (data: string) => void): void;
  onExit(listener: () => void): void;
  write(data: string): void;
  kill(): void;
}

interface Buffer {
  readonly type: "normal" | "alternate";
  readonly baseY: number;
  readonly cursorX: number;
  readonly cursorY: number;
  getLine(row: number): Line | undefined;
}

interface Line {
  translateToString(trimRight?: boolean): string;
  getCell(column: number): XtermCell | undefined;
}

interface XtermCell {
  getChars(): string;
  getWidth(): number;
  getFgColor(): number;
  getBgColor(): number;
  isFgRGB(): boolean;
  isBgRGB(): boolean;
  isFgPalette(): boolean;
  isBgPalette(): boolean;
  isBold(): number;
  isDim(): number;
  isInverse(): number;
  isItalic(): number;
  isUnderline(): number;
}

interface Xterm {
  readonly buffer: { readonly active: Buffer };
  onData(listener: (data: string) => void): void;
  write(data: string, callback: () => void): void;
  dispose(): void;
}

/** Opens a terminal and starts the program in it. */
export async function openTerminal(options: TerminalOptions): Promise<Terminal> {
  const { columns, rows, program, args, cwd, env } = options;
  const [{ spawn }, { default: { Terminal: Screen } }] = await Promise.all([
    import(PTY),
    import(XTERM),
  ]);
  const screen: Xterm = new Screen({ cols: columns, rows, allowProposedApi: true });
  const pty: Pty = spawn(program, [...args], { cols: columns, rows, cwd, env });
  const ended = new Promise<void>((resolve) => pty.onExit(resolve));
  const frames: Frame[] = [];
  let changed = performance.now();
  pty.onData((data) => screen.write(data, () => changed = performance.now()));
  screen.onData((answer) => pty.write(answer));
  const take = (milliseconds: number) => void frames.push(frameOf(screen, options, milliseconds));
  const rest = async (holds: () => boolean, quiet: number) => {
    const started = performance.now();
    while (!holds() || performance.now() - changed < quiet) {
      if (performance.now() - started > PATIENCE) throw new Error(textOf(screen, rows));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    frames,
    take,
    press: (keys) => pty.write(keys),
    until: (pattern, { moving = false } = {}) =>
      rest(() => pattern.test(textOf(screen, rows)), moving ? 0 : QUIET),
    async type(text) {
      for (let at = 0; at < text.length; at += KEYS) {
        const before = changed;
        pty.write(text.slice(at, at + KEYS));
        await rest(() => changed > before, 60);
        take(110);
      }
    },
    async [Symbol.asyncDispose]() {
      pty.kill();
      await ended;
      screen.dispose();
    },
  };
}

function textOf({ buffer: { active } }: Xterm, rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row));
  return lines.map((line) => line?.translateToString(true) ?? "").join("\n");
}

function frameOf(
  { buffer: { active } }: Xterm,
  { rows, columns }: TerminalOptions,
  milliseconds: number,
): Frame {
  const lines = Array.from({ length: rows }, (_, row) => {
    const line = active.getLine(active.baseY + row);
    const cells = Array.from({ length: columns }, (_, column) => line?.getCell(column));
    return cells.flatMap((cell) => cell === undefined || cell.getWidth() === 0 ? [] : cellOf(cell));
  });
  // A full-screen program draws its own.
  const hasCursor = active.type === "normal";
  return {
    milliseconds,
    rows: lines,
    ...(hasCursor ? { cursor: { column: active.cursorX, row: active.cursorY } } : {}),
  };
}

function cellOf(cell: XtermCell): Cell {
  const front = cell.isFgRGB() || cell.isFgPalette()
    ? colour(cell.getFgColor(), cell.isFgRGB())
    : undefined;
  const back = cell.isBgRGB() || cell.isBgPalette()
    ? colour(cell.getBgColor(), cell.isBgRGB())
    : undefined;
  const [foreground, background] = cell.isInverse() !== 0 ? [back ?? 0, front ?? 7] : [front, back];
  const style: Style = {
    ...(foreground === undefined ? {} : { foreground }),
    ...(background === undefined ? {} : { background }),
    ...(cell.isBold() !== 0 ? { bold: true } : {}),
    ...(cell.isDim() !== 0 ? { dim: true } : {}),
    ...(cell.isItalic() !== 0 ? { italic: true } : {}),
    ...(cell.isUnderline() !== 0 ? { underline: true } : {}),
  };
  return { text: cell.getChars() || " ", width: cell.getWidth(), style };
}

/** @returns A colour of the palette by its number, another as `#rrggbb`. */
function colour(value: number, isRgb: boolean): number | string {
  return isRgb ? `#${value.toString(16).padStart(6, "0")}` : value;
}
