#!/bin/sh
# @ai-sdk/openai-compatible 2.0.41: of two tool calls of one answer that have the same `index`, the second one is
# dropped without an error, although its id and name differ. 3.0.92 makes both. openai 7.59.0 makes one of the
# two: the id and the name of the second, and the arguments of both.
#
# Seen: two 'add {"a":1}', three 'add {"a":1} sub {"b":2}', openai 'sub {"a":1}{"b":2}'
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund openai@7.59.0 \
  two@npm:@ai-sdk/openai-compatible@2.0.41 three@npm:@ai-sdk/openai-compatible@3.0.92 >/dev/null

cat >calls.mjs <<'JS'
const module = await import(process.argv[2]);
const call = (id, name, text) => ({ index: 0, id, type: "function", function: { name, arguments: text } });
const calls = [call("call_1", "add", '{"a":1}'), call("call_2", "sub", '{"b":2}')];
const choices = [
  { delta: { role: "assistant" } },
  ...calls.map((call) => ({ delta: { tool_calls: [call] } })),
  { delta: {}, finish_reason: "tool_calls" },
];
const text = choices.map((choice) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
const headers = { "content-type": "text/event-stream" };
const fetch = () => Promise.resolve(new Response(`${text.join("")}data: [DONE]\n\n`, { headers }));
async function sdk() {
  const provider = module.createOpenAICompatible({ name: "any", baseURL: "http://any/v1", fetch });
  const prompt = [{ role: "user", content: [{ type: "text", text: "Call both" }] }];
  const { stream } = await provider("any").doStream({ prompt });
  const made = [];
  for await (const part of stream) if (part.type === "tool-call") made.push(`${part.toolName} ${part.input}`);
  return made;
}
async function openai() {
  const client = new module.default({ apiKey: "any", baseURL: "http://any/v1", fetch });
  const messages = [{ role: "user", content: "Call both" }];
  const { tool_calls } = await client.chat.completions.stream({ model: "any", messages }).finalMessage();
  return tool_calls.map(({ function: { name, arguments: input } }) => `${name} ${input}`);
}
console.log((await (process.argv[2] === "openai" ? openai() : sdk())).join(" "));
JS

check() {
  seen=$(node calls.mjs "$1")
  echo "$1: $seen"
  [ "$seen" = "$2" ] || { echo "This has changed" >&2; exit 1; }
}
check two 'add {"a":1}'
check three 'add {"a":1} sub {"b":2}'
check openai 'sub {"a":1}{"b":2}'
