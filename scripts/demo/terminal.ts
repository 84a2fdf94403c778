/** A program in a terminal: keys typed into it, its screen read, its output kept as an asciicast. */

/** Loaded by name, so that neither is in the lock file: only this task needs them. */
const PTY: string = "npm:@lydell/node-pty@1.1.0";
const XTERM: string = "npm:@xterm/headless@6.0.0";

/** The screen must not have changed for this long before it is read, in milliseconds. */
const QUIET = 250;
const PATIENCE = 90_000;

/** Keys typed at once. */
const KEYS = 3;

/** How a program is run in a terminal. */
export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly program: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A terminal whose program ends when it is disposed. */
export interface Terminal extends AsyncDisposable {
  /** Types a text, a few keys at a time. */
  type(text: string): Promise<void>;
  press(keys: string): void;
  /** Waits until the screen shows the pattern and, unless `moving`, has come to rest. */
  until(pattern: RegExp, options?: { readonly moving?: boolean }): Promise<void>;
  /** Shows the screen as it is now for this many milliseconds. */
  show(milliseconds: number): void;
  /** What was shown so far, in the form of asciinema. */
  cast(): string;
}

/** Opens a terminal and starts the program in it. */
export async function openTerminal(options: TerminalOptions): Promise<Terminal> {
  const { columns, rows, program, cwd, env } = options;
  const [{ spawn }, { default: { Terminal: Screen } }] = await Promise.all([
    import(PTY),
    import(XTERM),
  ]);
  const screen = new Screen({ cols: columns, rows, allowProposedApi: true });
  const pty = spawn(program, [], { cols: columns, rows, cwd, env });
  const ended = new Promise<void>((resolve) => pty.onExit(resolve));
  const events: unknown[] = [];
  let [changed, pending, shown] = [performance.now(), "", 0];
  pty.onData((data: string) => {
    pending += data;
    screen.write(data, () => changed = performance.now());
  });
  screen.onData((answer: string) => pty.write(answer));
  const text = (): string => {
    const { active } = screen.buffer;
    const line = (row: number) => active.getLine(active.baseY + row)?.translateToString(true) ?? "";
    return Array.from({ length: rows }, (_, row) => line(row)).join("\n");
  };
  const show = (milliseconds: number) => {
    events.push([shown / 1000, "o", pending]);
    pending = "";
    shown += milliseconds;
  };
  const rest = async (holds: () => boolean, quiet: number) => {
    const started = performance.now();
    while (!holds() || performance.now() - changed < quiet) {
      if (performance.now() - started > PATIENCE) throw new Error(text());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    show,
    press: (keys) => pty.write(keys),
    until: (pattern, { moving = false } = {}) =>
      rest(() => pattern.test(text()), moving ? 0 : QUIET),
    async type(typed) {
      for (let at = 0; at < typed.length; at += KEYS) {
        const before = changed;
        pty.write(typed.slice(at, at + KEYS));
        await rest(() => changed > before, 60);
        show(110);
      }
    },
    cast: () =>
      [{ version: 2, width: columns, height: rows }, ...events, [shown / 1000, "o", ""]]
        .map((line) => `${JSON.stringify(line)}\n`).join(""),
    async [Symbol.asyncDispose]() {
      pty.kill();
      await ended;
      screen.dispose();
    },
  };
}
