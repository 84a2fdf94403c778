#!/bin/sh
# opencode 1.14.34 and 1.18.33 write `auth.json` anew when any login is saved, from what they could read of it:
# the login of another provider whose `expires` is not a whole number is deleted, and so is one of a kind that
# this release does not know. A login that stays loses the members that opencode does not know, such as a
# plugin's `scope`. The answer is 200 and `true`.
#
# Seen: "kept: whole mine; scope undefined" twice
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  old@npm:opencode-ai@1.14.34 new@npm:opencode-ai@1.18.33 >/dev/null

# Saves the login "mine" through opencode's server, and prints what became of the others.
cat >save.mjs <<'JS'
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
const [program, home] = process.argv.slice(2);
const file = `${home}/.local/share/opencode/auth.json`;
mkdirSync(`${home}/.local/share/opencode`, { recursive: true });
const login = { type: "oauth", refresh: "any", access: "any" };
const logins = {
  whole: { ...login, expires: 1900000000000, scope: "any" },
  fraction: { ...login, expires: 1900000000000.5 },
  newer: { type: "passkey", id: "any" },
};
writeFileSync(file, JSON.stringify(logins), { mode: 0o600 });
const env = { PATH: process.env.PATH, HOME: home, OPENCODE_DISABLE_MODELS_FETCH: "1" };
env.OPENCODE_DISABLE_AUTOUPDATE = "1";
const stdio = ["ignore", "pipe", "ignore"];
const opencode = spawn(program, ["serve", "--port", "0"], { cwd: home, env, stdio });
const url = await new Promise((resolve) => {
  let said = "";
  opencode.stdout.on("data", (part) => {
    said += part;
    const [found] = /http:\/\/\S+/.exec(said) ?? [];
    if (found) resolve(found);
  });
});
const body = JSON.stringify({ type: "api", key: "any" });
const headers = { "content-type": "application/json" };
const response = await fetch(`${url}/auth/mine`, { method: "PUT", headers, body });
const answer = `${response.status} ${await response.text()}`;
const saved = JSON.parse(readFileSync(file, "utf8"));
const end = answer === "200 true" ? `kept: ${Object.keys(saved).join(" ")}` : answer;
console.log(`${end}; scope ${saved.whole.scope}`);
opencode.kill("SIGKILL");
JS

check() {
  mkdir "home-$1"
  seen=$(timeout 60 node save.mjs "$folder/$2" "$folder/home-$1")
  echo "$1: $seen"
  [ "$seen" = "kept: whole mine; scope undefined" ] || { echo "This has changed" >&2; exit 1; }
}
# The programs themselves: a launcher would leave them running when it is killed.
check 1.14.34 node_modules/old/bin/.opencode
check 1.18.33 node_modules/new/bin/opencode.exe
