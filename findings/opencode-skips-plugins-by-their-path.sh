#!/bin/sh
# opencode 1.18.33 does not load a plugin whose specifier contains `opencode-copilot-auth` or
# `opencode-openai-codex-auth` anywhere, since these two are built in now. It need not be one of the two: a
# plugin of one's own in a folder `my-opencode-copilot-auth-fork` is left out too. Nothing is printed, and no
# line is in the log.
#
# Seen: "loaded any, of the log's lines 0 name the other"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund opencode-ai@1.18.33 >/dev/null

for name in any my-opencode-copilot-auth-fork; do
  mkdir "$name"
  cat >"$name/plugin.js" <<JS
import { appendFileSync } from "node:fs";
const server = async () => {
  appendFileSync(process.env.HOME + "/loaded", "$name ");
  return {};
};
export default { id: "$name", server };
JS
done

home=$folder/home
mkdir -p "$home/.config/opencode"
printf '{ "plugin": ["%s", "%s"] }\n' \
  "$folder/any/plugin.js" "$folder/my-opencode-copilot-auth-fork/plugin.js" \
  >"$home/.config/opencode/opencode.json"
env -i PATH="$PATH" HOME="$home" OPENCODE_DISABLE_MODELS_FETCH=1 OPENCODE_DISABLE_AUTOUPDATE=1 \
  timeout 60 node_modules/opencode-ai/bin/opencode.exe models --print-logs --log-level DEBUG \
  >"$home/said" 2>&1 </dev/null
lines=$(grep -c my-opencode-copilot-auth-fork "$home/said" || true)
seen="loaded $(xargs <"$home/loaded"), of the log's lines $lines name the other"
echo "$seen"
[ "$seen" = "loaded any, of the log's lines 0 name the other" ] || { echo "This has changed" >&2; exit 1; }
