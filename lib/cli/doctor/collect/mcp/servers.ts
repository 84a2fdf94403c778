/** Asks the MCP servers of opencode's configuration for their tools. */

import { PACKAGE_NAME, VERSION } from "../../../../kimi/identity/constants.ts";
import { messageOf } from "../../../../kimi/errors/kimi_error.ts";
import { isObject, type JsonObject, objectOf, text } from "../../../../kimi/util/json.ts";
import { withDeadline } from "../../../../client/net/timeout.ts";
import { denialOf } from "../../../shared/deno_permissions.ts";
import { hasPlaceholder, merged } from "../config_values.ts";
import { connectLocal } from "./local.ts";
import { connectRemote } from "./remote.ts";
import type { McpConnection } from "./message.ts";
import type { OpencodeConfig } from "../opencode_config.ts";

/** The tools of each server, or why it did not list them. */
export type McpServers = Awaited<ReturnType<typeof askMcpServers>>;

/** The longest wait for one server; `npx` may have to install it first. */
const TIMEOUT_MS = 30_000;

/** A server with more pages of tools is not asked for the rest. */
const MAX_PAGES = 20;

/** Starts or calls each server that is not disabled; none of its tools is called. */
export async function askMcpServers(
  config: OpencodeConfig,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
  timeout = TIMEOUT_MS,
) {
  const servers = Object.entries(merged(config, "mcp"))
    .map(([name, server]) => ({ name, server: objectOf(server) }))
    .filter(({ server }) => server.enabled !== false);
  return await Promise.all(servers.map(async ({ name, server }) => {
    if (hasPlaceholder(JSON.stringify(server))) return { name, why: "its entry has a placeholder" };
    const connect = server.type === "remote" ? connectRemote : connectLocal;
    try {
      const ask = async (signal: AbortSignal) =>
        await listTools(await connect(server, signal, fetch));
      return { name, tools: await withDeadline(timeout, signal, ask) };
    } catch (error) {
      if (signal.aborted) throw error;
      const flag = denialOf(error)?.flag;
      const isLate = error instanceof Error && error.name === "TimeoutError";
      const said = isLate ? `it did not answer within ${timeout / 1000} s` : messageOf(error);
      return { name, why: flag === undefined ? said : `Deno needs ${flag}` };
    }
  }));
}

/** Source: https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle */
async function listTools({ send, close }: McpConnection) {
  try {
    let id = 0;
    const request = async (method: string, params: JsonObject) => {
      const answer = objectOf(await send({ jsonrpc: "2.0", id: ++id, method, params }));
      if (isObject(answer.error)) {
        throw new Error(`it answered: ${text(answer.error.message) ?? ""}`);
      }
      return objectOf(answer.result);
    };
    const clientInfo = { name: PACKAGE_NAME, version: VERSION };
    await request("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    await send({ jsonrpc: "2.0", method: "notifications/initialized" });
    const tools: JsonObject[] = [];
    let params: JsonObject | undefined = {};
    for (let page = 0; page < MAX_PAGES && params !== undefined; page++) {
      const { tools: listed, nextCursor: cursor } = await request("tools/list", params);
      if (Array.isArray(listed)) tools.push(...listed.filter(isObject));
      params = text(cursor) === undefined ? undefined : { cursor };
    }
    return tools;
  } finally {
    await close();
  }
}
