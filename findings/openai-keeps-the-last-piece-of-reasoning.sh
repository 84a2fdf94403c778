#!/bin/sh
# openai 6.34.0 and 7.59.0 (npm): the message that `chat.completions.stream()` puts together has the whole
# `content`, but of `reasoning_content` the last delta alone: keys that the SDK does not know are overwritten,
# not joined. A program that sends the message back, as Kimi wants it, sends a fragment of what the model thought.
#
# Seen: 'content "It is 4", reasoning_content " is 4"' twice
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund six@npm:openai@6.34.0 seven@npm:openai@7.59.0 >/dev/null

cat >reasoning.mjs <<'JS'
const { default: OpenAI } = await import(process.argv[2]);
const deltas = [
  { role: "assistant", content: "" },
  { reasoning_content: "2 + 2" },
  { reasoning_content: " is 4" },
  { content: "It is" },
  { content: " 4" },
];
const choices = [...deltas.map((delta) => ({ delta })), { delta: {}, finish_reason: "stop" }];
const text = choices.map((choice) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
const headers = { "content-type": "text/event-stream" };
const fetch = () => Promise.resolve(new Response(`${text.join("")}data: [DONE]\n\n`, { headers }));
const client = new OpenAI({ apiKey: "any", baseURL: "http://any/v1", fetch });
const messages = [{ role: "user", content: "What is 2 + 2?" }];
const { content, reasoning_content } = await client.chat.completions.stream({ model: "any", messages })
  .finalMessage();
console.log(`content ${JSON.stringify(content)}, reasoning_content ${JSON.stringify(reasoning_content)}`);
JS

for release in six seven; do
  seen=$(node reasoning.mjs "$release")
  echo "$release: $seen"
  [ "$seen" = 'content "It is 4", reasoning_content " is 4"' ] || { echo "This has changed" >&2; exit 1; }
done
