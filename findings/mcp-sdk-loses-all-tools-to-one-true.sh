#!/bin/sh
# @modelcontextprotocol/sdk 1.32.2 (npm): `listTools()` fails for a whole server if one of its tools describes a
# parameter by the schema `true`, which in JSON Schema allows any value, and which generators write for "any".
# All other tools are lost with it. One level deeper, below `anyOf`, the same `true` is taken. The Python
# package, mcp 2.3.0, lists all tools in both cases.
#
# Seen: node "ZodError" and "plain odd", python "plain odd" twice
# Needs Python 3.10 or later, or `PYTHON` that names one.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mcp==2.3.0
npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2 >/dev/null

# A server of two tools; the schema of the second one's parameter is an argument.
cat >server.mjs <<'JS'
import { createInterface } from "node:readline";
const odd = JSON.parse(process.argv[2]);
const tools = [
  { name: "plain", inputSchema: { type: "object" } },
  { name: "odd", inputSchema: { type: "object", properties: { value: odd } } },
];
const serverInfo = { name: "any", version: "1" };
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const hello = { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo };
  const answer = { initialize: { result: hello }, "tools/list": { result: { tools } } }[method];
  const other = { error: { code: -32601, message: "Method not found" } };
  console.log(JSON.stringify({ jsonrpc: "2.0", id, ...answer ?? other }));
});
JS
cat >client.mjs <<'JS'
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
const client = new Client({ name: "any", version: "1" });
const args = ["server.mjs", process.argv[2]];
await client.connect(new StdioClientTransport({ command: process.execPath, args }));
const names = async () => (await client.listTools()).tools.map(({ name }) => name).join(" ");
console.log(await names().catch((error) => error.constructor.name.replace("$", "")));
await client.close();
JS
cat >client.py <<'PY'
import asyncio, sys
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

async def main():
    server = StdioServerParameters(command="node", args=["server.mjs", sys.argv[1]])
    async with stdio_client(server) as (reader, writer), ClientSession(reader, writer) as session:
        await session.initialize()
        print(" ".join(tool.name for tool in (await session.list_tools()).tools))

asyncio.run(main())
PY

check() {
  name=$1 schema=$2 expected=$3
  shift 3
  seen=$("$@" "$schema")
  echo "$name, $schema: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
check node true ZodError node client.mjs
check node '{"anyOf":[true]}' "plain odd" node client.mjs
check python true "plain odd" venv/bin/python client.py
check python '{"anyOf":[true]}' "plain odd" venv/bin/python client.py
