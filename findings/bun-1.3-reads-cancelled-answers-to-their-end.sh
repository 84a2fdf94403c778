#!/bin/sh
# Bun 1.3.14: who cancels the body of a `fetch`, or leaves a loop over it, has not ended the request. The connection
# stays open, and the server sends its answer to the end, such as all that a model still writes. Only an abort of
# the signal closes it. Bun 1.4.5, Deno 2.9.6 and Node close it in all three cases.
#
# Seen: bun 1.3.14 "cancel all, break all, abort few" (events that were sent), the others "few" three times
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund deno@2.9.6 \
  bun3@npm:@oven/bun-linux-x64@1.3.14 bun4@npm:@oven/bun-linux-x64@1.4.5 >/dev/null

# Sends 20 events in 2 seconds, and counts them until the connection is closed.
cat >server.mjs <<'JS'
import { spawn } from "node:child_process";
import { createServer } from "node:http";
const [program, ...args] = process.argv.slice(2);
const EVENTS = 20;
const sent = {};
const server = createServer((request, response) => {
  const name = request.url.slice(1);
  sent[name] = 0;
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = () => {
    response.write("data: any\n\n");
    if (++sent[name] < EVENTS) return;
    response.end();
    clearInterval(timer);
  };
  const timer = setInterval(send, 100);
  response.on("close", () => clearInterval(timer));
});
server.listen(0, "127.0.0.1", () => {
  const client = spawn(program, [...args, String(server.address().port)], { stdio: "ignore" });
  client.on("close", () => {
    const counts = ["cancel", "break", "abort"].map((name) => `${name} ${sent[name] === EVENTS ? "all" : "few"}`);
    console.log(counts.join(", "));
    console.error(JSON.stringify(sent));
    server.closeAllConnections();
    server.close();
  });
});
JS
cat >client.mjs <<'JS'
import process from "node:process";
const port = process.argv.at(-1);
const ask = async (name, signal) => (await fetch(`http://127.0.0.1:${port}/${name}`, { signal })).body;
async function cancel() {
  const reader = (await ask("cancel")).getReader();
  await reader.read();
  await reader.cancel();
}
async function leave() {
  for await (const _ of await ask("break")) break;
}
async function abort() {
  const controller = new AbortController();
  const reader = (await ask("abort", controller.signal)).getReader();
  await reader.read();
  controller.abort();
  await reader.read().catch(() => {});
}
await Promise.all([cancel(), leave(), abort()]);
// The process lives on, as an agent does.
setTimeout(() => process.exit(), 4000);
JS

check() {
  name=$1 expected=$2
  shift 2
  seen=$(node server.mjs "$@" client.mjs)
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
check "bun 1.3.14" "cancel all, break all, abort few" node_modules/bun3/bin/bun
check "bun 1.4.5" "cancel few, break few, abort few" node_modules/bun4/bin/bun
check "deno 2.9.6" "cancel few, break few, abort few" node_modules/.bin/deno run --quiet --allow-net
check "node $(node --version)" "cancel few, break few, abort few" node
