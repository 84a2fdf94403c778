/** Asks the MCP servers of opencode's configuration for their tools. */

import process from "node:process";
import { VERSION } from "../../../kimi/identity/constants.ts";
import { messageOf } from "../../../kimi/errors/kimi_error.ts";
import { isObject, type JsonObject, objectOf, parseObject, text } from "../../../kimi/util/json.ts";
import { withDeadline } from "../../../client/net/timeout.ts";
import { denialOf } from "../../shared/deno_permissions.ts";
import { child, findValues, hasPlaceholder } from "./config_values.ts";
import { PACKAGE } from "./plugins.ts";
import type { OpencodeConfig } from "./opencode_config.ts";

/** What an MCP server answered. */
export interface McpServer {
  /** Its key in the configuration. */
  readonly name: string;
  /** Undefined if it did not list them. */
  readonly tools?: readonly JsonObject[];
  /** Why it did not. */
  readonly why?: string;
}

/** A connection to a server. */
interface Connection {
  /** Sends a message; resolves to the result, which a notification has not. */
  readonly send: (message: JsonObject) => Promise<JsonObject>;
  readonly close: () => void;
}

type Connect = (server: JsonObject, signal: AbortSignal) => Promise<Connection> | Connection;

/** The longest wait for one server; `npx` may have to install it first. */
const TIMEOUT_MS = 30_000;

/** A server with more pages of tools is not asked for the rest. */
const MAX_PAGES = 20;

/** Starts or calls each server that is not disabled; none of its tools is called. */
export async function askMcpServers(
  config: OpencodeConfig,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<readonly McpServer[]> {
  const merged = new Map<string, JsonObject>();
  for (const { value: file } of findValues(config, (file) => [child(file, "mcp")])) {
    for (const [name, server] of Object.entries(file)) {
      merged.set(name, { ...merged.get(name), ...objectOf(server) });
    }
  }
  const servers = [...merged].filter(([, { enabled }]) => enabled !== false);
  return await Promise.all(servers.map(async ([name, server]) => {
    if (hasPlaceholder(JSON.stringify(server))) return { name, why: "its entry has a placeholder" };
    const connect = server.type === "remote" ? remote(fetch) : local;
    try {
      const ask = (signal: AbortSignal) => listTools(connect, server, signal);
      return { name, tools: await withDeadline(TIMEOUT_MS, signal, ask) };
    } catch (error) {
      if (signal.aborted) throw error;
      const flag = denialOf(error)?.flag;
      return { name, why: flag === undefined ? messageOf(error) : `Deno needs ${flag}` };
    }
  }));
}

/** Source: https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle */
async function listTools(connect: Connect, server: JsonObject, signal: AbortSignal) {
  const { send, close } = await connect(server, signal);
  try {
    let id = 0;
    const request = (method: string, params: JsonObject) =>
      send({ jsonrpc: "2.0", id: ++id, method, params });
    await request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: PACKAGE, version: VERSION },
    });
    await send({ jsonrpc: "2.0", method: "notifications/initialized" });
    const tools: JsonObject[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const result = await request("tools/list", cursor === undefined ? {} : { cursor });
      if (Array.isArray(result.tools)) tools.push(...result.tools.filter(isObject));
      cursor = text(result.nextCursor);
      if (cursor === undefined) break;
    }
    return tools;
  } finally {
    close();
  }
}

/** Returns the result of an answer; throws its error. */
function resultOf(answer: JsonObject): JsonObject {
  if (isObject(answer.error)) throw new Error(`it answered: ${text(answer.error.message) ?? ""}`);
  return objectOf(answer.result);
}

/** Messages are lines on the standard streams of a process. */
async function local(
  { command, environment }: JsonObject,
  signal: AbortSignal,
): Promise<Connection> {
  const { spawn } = await import("node:child_process");
  const [program = "", ...args] = Array.isArray(command) ? command.map(String) : [];
  signal.throwIfAborted();
  const isPosix = process.platform !== "win32";
  const server = spawn(program, args, {
    env: { ...process.env, ...stringsOf(environment) },
    stdio: ["pipe", "pipe", "ignore"],
    // So that what it starts itself can be ended too.
    detached: isPosix,
    shell: !isPosix,
  });
  const waiting = new Map<unknown, (answer: JsonObject) => void>();
  const ended = new Promise<never>((_, reject) => {
    const fail = (why: string) => reject(new Error(why));
    server.once("error", (error) => fail(`it cannot be started: ${messageOf(error)}`));
    server.once("exit", (code) => fail(`it ended with ${code ?? "a signal"}`));
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  ended.catch(() => {});
  server.stdin.on("error", () => {});
  let rest = "";
  server.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const answer of lines.map(parseObject)) {
      if (answer !== undefined && answer.method === undefined) waiting.get(answer.id)?.(answer);
    }
  });
  return {
    async send(message) {
      server.stdin.write(`${JSON.stringify(message)}\n`);
      if (message.id === undefined) return {};
      const answer = new Promise<JsonObject>((resolve) => waiting.set(message.id, resolve));
      return resultOf(await Promise.race([answer, ended]));
    },
    close() {
      server.stdin.end();
      try {
        if (server.pid !== undefined) process.kill(isPosix ? -server.pid : server.pid);
      } catch {
        // It has ended.
      }
    },
  };
}

/** Each message is a POST, answered by JSON or by an event stream. */
function remote(fetch: typeof globalThis.fetch): Connect {
  return ({ url, headers }, signal) => {
    let session: string | null = null;
    return {
      async send(message) {
        const request = new Request(String(url), {
          method: "POST",
          headers: {
            ...stringsOf(headers),
            ...(session === null ? {} : { "Mcp-Session-Id": session }),
            "Content-Type": "application/json",
            Accept: "application/json, text/event-stream",
          },
          body: JSON.stringify(message),
        });
        const response = await fetch(request, { signal });
        session ??= response.headers.get("mcp-session-id");
        const body = await response.text();
        if (!response.ok) throw new Error(`it answered HTTP ${response.status}`);
        if (message.id === undefined) return {};
        const parts = [body, ...body.split(/\r?\n/).map((line) => line.replace(/^data: ?/, ""))];
        const answer = parts.map(parseObject).find((each) => each?.id === message.id);
        if (answer === undefined) throw new Error("its answer holds no message");
        return resultOf(answer);
      },
      close() {},
    };
  };
}

function stringsOf(values: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(objectOf(values)).map(([key, value]) => [key, `${value}`]),
  );
}
