/** npm's program: on Windows a batch file, which is found by its whole name alone. */
export const NPM = Deno.build.os === "windows" ? "npm.cmd" : "npm";

/** What a program said, and how it ended. */
export interface Outcome {
  readonly code: number;
  /** Without colours. */
  readonly stdout: string;
  /** Without colours. */
  readonly stderr: string;
  /** Milliseconds from start to end. */
  readonly took: number;
}

/** How a program is run. */
export interface ProcessOptions {
  readonly args: readonly string[];
  /** Milliseconds until it is killed. */
  readonly timeout: number;
  readonly cwd?: string;
  /** The whole environment; that of this process where it is absent. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that did not end in time; `outcome` holds what it had said. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";

  constructor(message: string, readonly outcome: Outcome) {
    super(message);
  }
}

/**
 * Runs a program without a terminal and without input.
 *
 * @throws {TimeoutError} Where it had to be killed.
 */
export async function runProcess(program: string, options: ProcessOptions): Promise<Outcome> {
  const started = performance.now();
  const child = new Deno.Command(program, {
    args: [...options.args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: { ...options.env }, clearEnv: true }),
  }).spawn();
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    child.kill("SIGKILL");
  }, options.timeout);
  const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(timer));
  const took = performance.now() - started;
  const outcome = { code, stdout: plain(stdout), stderr: plain(stderr), took };
  if (!killed) return outcome;
  const command = [program, ...options.args].join(" ");
  throw new TimeoutError(`${command} did not end in ${options.timeout / 1000} s`, outcome);
}

function plain(bytes: Uint8Array): string {
  // deno-lint-ignore no-control-regex
  return new TextDecoder().decode(bytes).replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
}
