#!/bin/sh
# @ai-sdk/openai-compatible 2.0.41 ends a streamed tool call as soon as the arguments that have come so far
# are JSON, and drops the deltas that follow: `1` and then `2` is the input `1`, and white space behind a
# closing brace is lost. 3.0.92 waits for the end of the stream.
#
# Seen: 2.0.41 "1" and "{}"; 3.0.92 "12" and "{} "
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  two@npm:@ai-sdk/openai-compatible@2.0.41 three@npm:@ai-sdk/openai-compatible@3.0.92 >/dev/null

cat >arguments.mjs <<'JS'
const { createOpenAICompatible } = await import(process.argv[2]);
async function input(...pieces) {
  const call = (piece, first) => ({ index: 0, ...first, function: { ...first?.function, arguments: piece } });
  const start = { id: "call_1", type: "function", function: { name: "any" } };
  const deltas = pieces.map((piece, at) => ({ tool_calls: [call(piece, at === 0 ? start : undefined)] }));
  const choices = [...deltas.map((delta) => ({ delta })), { delta: {}, finish_reason: "tool_calls" }];
  const text = choices.map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`).join("");
  const headers = { "content-type": "text/event-stream" };
  const fetch = () => Promise.resolve(new Response(`${text}data: [DONE]\n\n`, { headers }));
  const sdk = createOpenAICompatible({ name: "any", baseURL: "http://any/v1", fetch });
  const prompt = [{ role: "user", content: [{ type: "text", text: "Call it" }] }];
  const { stream } = await sdk("any").doStream({ prompt });
  for await (const part of stream) if (part.type === "tool-call") return JSON.stringify(part.input);
}
console.log(`${await input("1", "2")} and ${await input("{}", " ")}`);
JS

check() {
  seen=$(node arguments.mjs "$1")
  echo "$1: $seen"
  [ "$seen" = "$2" ] || { echo "This has changed" >&2; exit 1; }
}
check two '"1" and "{}"'
check three '"12" and "{} "'
