/** Child processes of the tests of the lock, a folder for each test, and how long the lock is waited for. */

import process from "node:process";
import { join } from "@std/path";
import { takeLock } from "../../../lib/runtime/fs/lock.ts";
import { inFolder } from "../folder.ts";

const WORKER = new URL("./lock_worker.ts", import.meta.url).pathname;

/** Runs a test with a lock's path in a folder of its own. */
export async function withLockPath(run: (path: string) => Promise<void>): Promise<void> {
  await inFolder((folder) => run(join(folder, "it.lock")));
}

/** Takes the lock and releases it; returns after how many milliseconds it was taken, or undefined after the limit. */
export async function waited(path: string, limit: number): Promise<number | undefined> {
  const start = performance.now();
  const lock = await takeLock(path, () => Promise.resolve(performance.now() - start > limit));
  const milliseconds = performance.now() - start;
  await lock?.release();
  return lock === undefined ? undefined : milliseconds;
}

/** Runs processes, each with its arguments, to their end; gives their exit codes and what they wrote. */
export async function runWorkers(
  orders: readonly (readonly string[])[],
): Promise<readonly string[]> {
  const children = orders.map((args) => command(args).spawn());
  try {
    const outputs = await Promise.all(children.map((child) => child.output()));
    return outputs.map(({ code, stderr }) => `${code} ${new TextDecoder().decode(stderr)}`);
  } finally {
    for (const child of children) kill(child);
  }
}

function command(args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", WORKER, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** Another process that holds a lock. */
export interface Holder {
  /** Sends a signal. */
  readonly signal: (name: Deno.Signal) => void;
  /** Ends it as a crash does, and waits until it is gone. */
  readonly crash: () => Promise<void>;
  /** Has it renew the lock; returns whether it still holds it. */
  readonly renew: () => Promise<boolean>;
  /** Has it give the lock up. */
  readonly release: () => Promise<void>;
}

/**
 * Runs a test while another process holds the lock, one that takes its system for the given one. `started`
 * is called when that process begins to wait.
 */
export async function whileHeld(
  path: string,
  run: (holder: Holder) => Promise<void>,
  platform: string = process.platform,
  started: (signal: Holder["signal"]) => void = () => {},
): Promise<void> {
  const child = command(["hold", path, "", "0", platform]).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const errors = new Response(child.stderr).text();
  let said = "";
  const line = async () => {
    while (!said.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the holder ended: ${await errors}`);
      said += value;
    }
    const [first = "", ...rest] = said.split("\n");
    said = rest.join("\n");
    return first;
  };
  const ask = async (byte: string) => {
    await writer.write(new TextEncoder().encode(byte));
    return await line();
  };
  try {
    await line();
    started((name) => child.kill(name));
    await line();
    await run({
      signal: (name) => child.kill(name),
      async crash() {
        kill(child);
        await child.status;
      },
      renew: async () => await ask("?") === "true",
      release: async () => void await ask("-"),
    });
  } finally {
    kill(child);
    await Promise.all([child.status, errors]);
    await reader.cancel();
    await writer.close().catch(() => {});
  }
}
