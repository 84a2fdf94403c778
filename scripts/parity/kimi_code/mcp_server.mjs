/** An MCP server with the tools of its first argument; each returns a text, and "picture" an image too. */
import { createInterface } from "node:readline";

const tools = JSON.parse(process.argv[2]);
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

const METHODS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "parity", version: "1.0.0" },
  }),
  "tools/list": () => ({ tools }),
  "tools/call": ({ name }) => ({
    content: [
      { type: "text", text: "seen" },
      ...(name === "picture" ? [{ type: "image", data: PIXEL, mimeType: "image/png" }] : []),
    ],
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  // A notification is not answered.
  if (id === undefined) continue;
  const answer = METHODS[method];
  const said = answer === undefined
    ? { error: { code: -32601, message: "no such method" } }
    : { result: answer(params) };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...said })}\n`);
}
