#!/bin/sh
# proper-lockfile 4.1.2: a process that was busy or suspended for longer than `stale` has lost its lock to another
# one, which is right. But its `release()` then removes the other's lock, without an error: the folder is not
# asked whose it is. A third process gets the lock while the second one works under it. The check that would
# notice (`onCompromised`) is a timer, and runs too late.
#
# Seen: "a releases without an error, c has the lock while b works"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund proper-lockfile@4.1.2 >/dev/null

# `a` takes the lock and is busy until `b` has it; then it releases the lock, and `c` asks for it.
cat >a.mjs <<'JS'
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { lock } from "proper-lockfile";
writeFileSync("file", "");
const release = await lock("file", { stale: 2000 });
const b = spawn(process.execPath, ["b.mjs"]);
const cell = new Int32Array(new SharedArrayBuffer(4));
while (!existsSync("b-has-it")) Atomics.wait(cell, 0, 0, 50);
const end = await release().then(() => "without an error", ({ code }) => `with ${code}`);
const other = await lock("file", { stale: 2000, retries: 0 }).then(() => "has", ({ code }) => `${code}, so not`);
console.log(`a releases ${end}, c ${other} the lock while b works`);
b.kill("SIGKILL");
process.exit();
JS
cat >b.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { lock } from "proper-lockfile";
await lock("file", { stale: 2000, retries: { retries: 200, minTimeout: 100, maxTimeout: 100 } });
writeFileSync("b-has-it", "");
setTimeout(() => {}, 60_000);
JS

seen=$(timeout 60 node a.mjs)
echo "$seen"
[ "$seen" = "a releases without an error, c has the lock while b works" ] || { echo "This has changed" >&2; exit 1; }
