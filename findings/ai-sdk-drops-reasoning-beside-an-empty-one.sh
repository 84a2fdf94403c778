#!/bin/sh
# @ai-sdk/openai-compatible 2.0.41 and 3.0.92: a delta with `"reasoning_content": ""` and a `reasoning` that
# holds text loses that text: the first key wins even if it is empty. A server that fills both keys, of which
# one may be empty, appears to think nothing. `reasoning` alone is read.
#
# Seen: "alone 1, beside an empty one 0" (deltas of reasoning)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  two@npm:@ai-sdk/openai-compatible@2.0.41 three@npm:@ai-sdk/openai-compatible@3.0.92 >/dev/null

cat >reasoning.mjs <<'JS'
const { createOpenAICompatible } = await import(process.argv[2]);
async function deltas(thought) {
  const events = [{ delta: thought }, { delta: { content: "yes" }, finish_reason: "stop" }];
  const text = events.map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`).join("");
  const headers = { "content-type": "text/event-stream" };
  const fetch = () => Promise.resolve(new Response(`${text}data: [DONE]\n\n`, { headers }));
  const sdk = createOpenAICompatible({ name: "any", baseURL: "http://any/v1", fetch });
  const prompt = [{ role: "user", content: [{ type: "text", text: "Is it so?" }] }];
  const { stream } = await sdk("any").doStream({ prompt });
  let count = 0;
  for await (const { type } of stream) if (type === "reasoning-delta") count++;
  return count;
}
const alone = await deltas({ reasoning: "I think." });
const beside = await deltas({ reasoning_content: "", reasoning: "I think." });
console.log(`alone ${alone}, beside an empty one ${beside}`);
JS

for release in two three; do
  seen=$(node reasoning.mjs "$release")
  echo "$release: $seen"
  [ "$seen" = "alone 1, beside an empty one 0" ] || { echo "This has changed" >&2; exit 1; }
done
