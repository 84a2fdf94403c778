#!/bin/sh
# openai 2.14.0 (PyPI): the message that `chat.completions.stream()` puts together joins every text of the
# deltas, also those that say what something is. A server that repeats the role in each delta, or the id and the
# name of a tool call in each piece of its arguments, yields "assistantassistant", "call_1call_1" and "addadd".
# No error is raised. The npm package, 7.59.0, takes the last.
#
# Seen: python "assistantassistant, call_1call_1, addadd", node "assistant, call_1, add"
# Needs Python 3.9 or later, or `PYTHON` that names one.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openai==2.14.0
npm install --silent --no-audit --no-fund openai@7.59.0 >/dev/null

cat >events.mjs <<'JS'
const piece = (text) => ({ index: 0, id: "call_1", type: "function", function: { name: "add", arguments: text } });
const deltas = ['{"a":', "2}"].map((text) => ({ role: "assistant", tool_calls: [piece(text)] }));
const choices = [...deltas.map((delta) => ({ delta })), { delta: {}, finish_reason: "tool_calls" }];
for (const choice of choices) {
  const chunk = { id: "any", object: "chat.completion.chunk", created: 1, model: "any" };
  console.log(`data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, ...choice }] })}\n`);
}
console.log("data: [DONE]\n");
JS
node events.mjs >events

cat >message.py <<'PY'
import httpx, openai
headers = {"content-type": "text/event-stream"}
events = open("events", "rb").read()
transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, content=events))
client = openai.OpenAI(
    api_key="any", base_url="http://any/v1", http_client=httpx.Client(transport=transport)
)
messages = [{"role": "user", "content": "Add"}]
with client.chat.completions.stream(model="any", messages=messages) as stream:
    message = stream.get_final_completion().choices[0].message
call = message.tool_calls[0]
print(f"{message.role}, {call.id}, {call.function.name}")
PY
cat >message.mjs <<'JS'
import { readFileSync } from "node:fs";
import OpenAI from "openai";
const headers = { "content-type": "text/event-stream" };
const fetch = () => Promise.resolve(new Response(readFileSync("events"), { headers }));
const client = new OpenAI({ apiKey: "any", baseURL: "http://any/v1", fetch });
const messages = [{ role: "user", content: "Add" }];
const message = await client.chat.completions.stream({ model: "any", messages }).finalMessage();
const call = message.tool_calls[0];
console.log(`${message.role}, ${call.id}, ${call.function.name}`);
JS

check() {
  name=$1 expected=$2
  shift 2
  seen=$("$@")
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || { echo "This has changed" >&2; exit 1; }
}
check python "assistantassistant, call_1call_1, addadd" venv/bin/python message.py
check node "assistant, call_1, add" node message.mjs
