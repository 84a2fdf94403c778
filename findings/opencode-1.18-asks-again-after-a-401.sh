#!/bin/sh
# opencode 1.18.33 asks again after an error that no repetition can mend if its words hold one of the digits
# 429, 500, 502, 503, 504 or 524, be it inside of a longer number: a 401 that names request 15003 is sent up to
# five times more, with waits of 2, 4, 8, … seconds, and the user sees a retry in place of "log in". With
# another number the first 401 ends the turn.
#
# Seen: "request 15013: asked 1 time", "request 15003: asked 2 times" (the second time the server answers)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund opencode-ai@1.18.33 >/dev/null

# Refuses the first question with the words, answers the second, and tells how often it was asked.
cat >ask.mjs <<'JS'
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
const [program, home, number] = process.argv.slice(2);
let asked = 0;
const events = [{ delta: { role: "assistant", content: "Hello" } }, { delta: {}, finish_reason: "stop" }]
  .map((choice) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  // The request for a title has no tools.
  if (JSON.parse(body).tools !== undefined && ++asked === 1) {
    response.writeHead(401, { "content-type": "application/json" });
    const message = `The login has ended, request ${number}`;
    return response.end(JSON.stringify({ error: { message } }));
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(`${events.join("")}data: [DONE]\n\n`);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const options = { baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey: "k" };
const models = { parrot: { name: "Parrot", limit: { context: 100000, output: 8000 } } };
const provider = { plain: { npm: "@ai-sdk/openai-compatible", options, models } };
mkdirSync(`${home}/.config/opencode`, { recursive: true });
writeFileSync(`${home}/.config/opencode/opencode.json`, JSON.stringify({ provider }));
const env = { PATH: process.env.PATH, HOME: home, OPENCODE_DISABLE_MODELS_FETCH: "1" };
env.OPENCODE_DISABLE_AUTOUPDATE = "1";
const args = ["run", "-m", "plain/parrot", "Hello"];
const agent = spawn(program, args, { cwd: home, env, stdio: "ignore" });
agent.on("close", () => {
  console.log(`asked ${asked} ${asked === 1 ? "time" : "times"}`);
  server.closeAllConnections();
  server.close();
});
JS

check() {
  mkdir "home-$1"
  seen=$(timeout 120 node ask.mjs "$folder/node_modules/opencode-ai/bin/opencode.exe" "$folder/home-$1" "$1")
  echo "request $1: $seen"
  [ "$seen" = "$2" ] || { echo "This has changed" >&2; exit 1; }
}
check 15013 "asked 1 time"
check 15003 "asked 2 times"
