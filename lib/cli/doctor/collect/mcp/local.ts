/** Starts an MCP server, and talks to it on its standard streams. */

import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { messageOf } from "../../../../kimi/errors/kimi_error.ts";
import { type JsonObject, parseObject } from "../../../../kimi/util/json.ts";
import { type McpConnection, pieces, stringsOf } from "./message.ts";

/** What is left to a server that was asked to end. */
const GRACE_MS = 1_000;

const IS_POSIX = process.platform !== "win32";

/** Messages are lines on the standard streams of a process. */
export async function connectLocal(
  { command, environment }: JsonObject,
  signal: AbortSignal,
): Promise<McpConnection> {
  const { spawn } = await import("node:child_process");
  const [program = "", ...args] = Array.isArray(command) ? command.map(String) : [];
  if (program === "") throw new Error('"command" of its entry is not a list of words');
  signal.throwIfAborted();
  const server = spawn(program, args, {
    env: { ...process.env, ...stringsOf(environment) },
    stdio: ["pipe", "pipe", "ignore"],
    // So that what it starts itself can be ended too.
    detached: IS_POSIX,
    shell: !IS_POSIX,
  });
  const gone = new Promise<unknown>((resolve) =>
    server.once("error", resolve).once("exit", resolve)
  );
  const waiting = new Map<unknown, (answer: JsonObject) => void>();
  const ended = new Promise<never>((_, reject) => {
    const fail = (why: string) => reject(new Error(why));
    server.once("error", (error) => fail(`it cannot be started: ${messageOf(error)}`));
    server.once("exit", (code) => fail(`it ended with ${code ?? "a signal"}`));
    signal.addEventListener("abort", () => reject(signal.reason));
    const listen = async () => {
      for await (const line of pieces(server.stdout.setEncoding("utf8"), /\n/)) {
        const answer = parseObject(line) ?? {};
        if (answer.method === undefined) waiting.get(answer.id)?.(answer);
      }
    };
    listen().catch(reject);
  });
  ended.catch(() => {});
  server.stdin.on("error", () => {});
  return {
    async send(message) {
      server.stdin.write(`${JSON.stringify(message)}\n`);
      if (message.id === undefined) return undefined;
      const answer = new Promise<JsonObject>((resolve) => waiting.set(message.id, resolve));
      return await Promise.race([answer, ended]);
    },
    close: () => close(server, gone),
  };
}

async function close(server: ChildProcess, gone: Promise<unknown>): Promise<void> {
  const { pid } = server;
  const end = (how: "SIGTERM" | "SIGKILL") => {
    try {
      if (pid !== undefined) process.kill(IS_POSIX ? -pid : pid, how);
    } catch {
      // It has ended.
    }
  };
  server.stdin?.end();
  end("SIGTERM");
  const timer = setTimeout(() => end("SIGKILL"), GRACE_MS);
  await gone;
  clearTimeout(timer);
}
