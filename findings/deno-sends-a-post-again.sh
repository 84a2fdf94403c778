#!/bin/sh
# Deno 2.9.6 and Bun 1.3.13: a POST whose kept-alive connection is closed by the server, which has read it
# whole and has not answered, is sent a second time by `fetch` itself. The caller sees one successful
# request; the server has had two. RFC 9110 9.2.2 forbids an automatic retry of a method that is not
# idempotent unless the client knows that the first was not applied. Deno does not do it if the body is a
# stream; Bun 1.3.14 and Node do not do it at all, there the same call fails.
#
# Seen: "deno: ok, received 2", "deno, a Blob: error, received 1", "bun 1.3.13: ok, received 2",
# "bun 1.3.14: error, received 1", "node: error, received 1"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund deno@2.9.6 \
  bun13@npm:@oven/bun-linux-x64@1.3.13 bun14@npm:@oven/bun-linux-x64@1.3.14 >/dev/null

# Answers "first", closes the connection of the first "second", and then answers what comes again.
cat >server.mjs <<'JS'
import { createServer } from "node:http";
import { spawn } from "node:child_process";
const [program, ...args] = process.argv.slice(2);
let received = 0;
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => body += part);
  request.on("end", () => {
    if (body === "second" && ++received === 1) request.socket.destroy();
    else response.end("ok");
  });
});
server.listen(0, "127.0.0.1", () => {
  const client = spawn(program, [...args, String(server.address().port)]);
  let said = "";
  client.stdout.on("data", (part) => said += part);
  client.on("close", () => {
    console.log(`${said.trim()}, received ${received}`);
    server.closeAllConnections();
    server.close();
  });
});
JS
cat >client.mjs <<'JS'
import process from "node:process";
const [kind, port] = process.argv.slice(2);
const post = async (text) => {
  const body = kind === "blob" ? new Blob([text]) : text;
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
  return await response.text();
};
await post("first");
console.log(await post("second").catch(() => "error"));
JS

check() {
  name=$1 expected=$2
  shift 2
  seen=$(node server.mjs "$@")
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
deno="node_modules/.bin/deno run --quiet --allow-net client.mjs"
# shellcheck disable=SC2086
check "deno 2.9.6" "ok, received 2" $deno text
# shellcheck disable=SC2086
check "deno 2.9.6, a Blob" "error, received 1" $deno blob
check "bun 1.3.13" "ok, received 2" node_modules/bun13/bin/bun client.mjs text
check "bun 1.3.14" "error, received 1" node_modules/bun14/bin/bun client.mjs text
check "node" "error, received 1" node client.mjs text
