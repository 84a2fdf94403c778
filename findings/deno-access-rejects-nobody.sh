#!/bin/sh
# Deno 2.9.6: `access` of node:fs/promises asks for a mode such as R_OK only with --allow-sys=uid. Without it
# the promise never settles, and the error is an unhandled rejection of Deno's own: a `catch` around the call
# does not see it, and the program ends with 1. `stat` and `readFile` of the same file work.
#
# Seen: "exit 1" without --allow-sys, "exit 0, may read, goes on" with --allow-sys=uid
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund deno@2.9.6 >/dev/null

cat >access.mjs <<'JS'
import { access, constants, readFile } from "node:fs/promises";
await readFile("package.json");
try {
  await access("package.json", constants.R_OK);
  console.log("may read");
} catch (error) {
  console.log(`caught ${error.name}`);
}
console.log("goes on");
JS

check() {
  expected=$1
  shift
  code=0
  said=$(node_modules/.bin/deno run --quiet --no-prompt --allow-read "$@" access.mjs 2>/dev/null) || code=$?
  seen="exit $code${said:+, $(echo "$said" | paste -s -d '|' - | sed 's/|/, /g')}"
  echo "deno 2.9.6 $*: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
check "exit 1"
check "exit 0, may read, goes on" --allow-sys=uid
