#!/bin/sh
# opencode 1.14.34, `opencode acp`: if the provider refuses a question, the editor is told that the turn
# ended ("end_turn"), and the provider's words come in no answer and in no notification. The user sees
# nothing at all. 1.18.33 answers `session/prompt` with a JSON-RPC error that has them.
#
# Seen: "1.14.34: end_turn, the words come: false", "1.18.33: error, the words come: true"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  old@npm:opencode-ai@1.14.34 new@npm:opencode-ai@1.18.33 >/dev/null

# Refuses every question, asks one as an editor does, and prints what the editor got.
cat >editor.mjs <<'JS'
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
const [program, home] = process.argv.slice(2);
const WORDS = "The plan of this account has ended";
const server = createServer((request, response) => {
  response.writeHead(401, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message: WORDS } }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const options = { baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey: "k" };
const models = { parrot: { name: "Parrot", limit: { context: 100000, output: 8000 } } };
const provider = { plain: { npm: "@ai-sdk/openai-compatible", options, models } };
mkdirSync(`${home}/.config/opencode`, { recursive: true });
writeFileSync(
  `${home}/.config/opencode/opencode.json`,
  JSON.stringify({ provider, model: "plain/parrot" }),
);
const env = { PATH: process.env.PATH, HOME: home, OPENCODE_DISABLE_MODELS_FETCH: "1" };
env.OPENCODE_DISABLE_AUTOUPDATE = "1";
const agent = spawn(program, ["acp"], { cwd: home, env, stdio: ["pipe", "pipe", "ignore"] });
const answers = new Map();
let heard = "";
createInterface({ input: agent.stdout }).on("line", (line) => {
  heard += line;
  const message = JSON.parse(line);
  if (message.method === undefined) answers.get(message.id)?.(message);
});
let id = 0;
const call = (method, params) =>
  new Promise((resolve) => {
    answers.set(++id, resolve);
    agent.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  });
await call("initialize", { protocolVersion: 1, clientCapabilities: {} });
const { result: { sessionId } } = await call("session/new", { cwd: home, mcpServers: [] });
const prompt = [{ type: "text", text: "Hello" }];
const { result, error } = await call("session/prompt", { sessionId, prompt });
// A notification may come after the answer.
await new Promise((resolve) => setTimeout(resolve, 2000));
console.log(`${error ? "error" : result.stopReason}, the words come: ${heard.includes(WORDS)}`);
agent.kill("SIGKILL");
server.closeAllConnections();
server.close();
JS

check() {
  name=$1 program=$2 expected=$3
  mkdir "$folder/home-$name"
  seen=$(timeout 120 node editor.mjs "$program" "$folder/home-$name")
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
# The programs themselves: a launcher would leave them running when it is killed.
check 1.14.34 "$folder/node_modules/old/bin/.opencode" "end_turn, the words come: false"
check 1.18.33 "$folder/node_modules/new/bin/opencode.exe" "error, the words come: true"
