#!/bin/sh
# Deno 2.9.6, Node and Bun: a process that is suspended (Ctrl-Z, SIGSTOP, a debugger) while its `fetch` waits
# runs its timers first when it goes on. If the time of `AbortSignal.timeout` has passed meanwhile, the whole
# answer, which has lain in the socket since long before, is thrown away: a refresh token that the server has
# rotated is lost. Bun 1.3.14 does not even reject: it returns status 200 and an empty text.
#
# A limit that starts a second timer of 0 ms, and aborts when that rings, gets the answer in all of them.
#
# Seen: "TimeoutError, with a second timer 200 'answer'", in Bun 1.3.14 "200 '', with a second timer 200 'answer'"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund deno@2.9.6 \
  bun3@npm:@oven/bun-linux-x64@1.3.14 bun4@npm:@oven/bun-linux-x64@1.4.5 >/dev/null

# Suspends the client that waits, answers, and lets the client go on when its time has long been over.
cat >server.mjs <<'JS'
import { spawn } from "node:child_process";
import { createServer } from "node:http";
const [program, ...args] = process.argv.slice(2);
const after = (time, run) => setTimeout(run, time);
let client;
const server = createServer((_, response) => {
  after(700, () => client.kill("SIGSTOP"));
  after(1000, () => response.end("answer"));
  after(4000, () => client.kill("SIGCONT"));
});
server.listen(0, "127.0.0.1", () => {
  client = spawn(program, [...args, String(server.address().port)]);
  let said = "";
  client.stdout.on("data", (part) => said += part);
  client.on("close", () => {
    console.log(said.trim());
    server.closeAllConnections();
    server.close();
  });
});
JS
cat >client.mjs <<'JS'
import process from "node:process";
const [kind, port] = process.argv.slice(2);
const LIMIT = 3000;
const twice = () => {
  const controller = new AbortController();
  setTimeout(() => setTimeout(() => controller.abort(), 0), LIMIT);
  return controller.signal;
};
const signal = kind === "once" ? AbortSignal.timeout(LIMIT) : twice();
const ask = async () => {
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal });
  return `${response.status} '${await response.text()}'`;
};
console.log(await ask().catch(({ name }) => name));
process.exit();
JS

check() {
  name=$1 expected="$2, with a second timer 200 'answer'"
  shift 2
  node server.mjs "$@" twice >second &
  seen=$(node server.mjs "$@" once)
  wait
  seen="$seen, with a second timer $(cat second)"
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
check "deno 2.9.6" TimeoutError node_modules/.bin/deno run --quiet --allow-net client.mjs
check "node $(node --version)" TimeoutError node client.mjs
check "bun 1.3.14" "200 ''" node_modules/bun3/bin/bun client.mjs
check "bun 1.4.5" TimeoutError node_modules/bun4/bin/bun client.mjs
