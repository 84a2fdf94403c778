#!/bin/sh
# Moonshot's own clients read the usage of a stream from `choices[0].usage` as well as from the chunk itself.
# @ai-sdk/openai-compatible 2.0.41 and 3.0.92 read the chunk alone: of a usage in a choice they report
# nothing, without a warning.
#
# Seen: "of the chunk 9 and 2, of the choice undefined and undefined"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  two@npm:@ai-sdk/openai-compatible@2.0.41 three@npm:@ai-sdk/openai-compatible@3.0.92 >/dev/null

cat >usage.mjs <<'JS'
const { createOpenAICompatible } = await import(process.argv[2]);
const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
const end = { index: 0, delta: { content: "yes" }, finish_reason: "stop" };
async function reported(chunk) {
  const headers = { "content-type": "text/event-stream" };
  const text = `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`;
  const fetch = () => Promise.resolve(new Response(text, { headers }));
  const sdk = createOpenAICompatible({ name: "any", baseURL: "http://any/v1", fetch });
  const prompt = [{ role: "user", content: [{ type: "text", text: "Is it so?" }] }];
  const { stream } = await sdk("any").doStream({ prompt });
  for await (const part of stream) {
    if (part.type !== "finish") continue;
    return `${part.usage.inputTokens.total} and ${part.usage.outputTokens.total}`;
  }
}
const chunk = await reported({ choices: [end], usage });
const choice = await reported({ choices: [{ ...end, usage }] });
console.log(`of the chunk ${chunk}, of the choice ${choice}`);
JS

for release in two three; do
  seen=$(node usage.mjs "$release")
  echo "$release: $seen"
  [ "$seen" = "of the chunk 9 and 2, of the choice undefined and undefined" ] ||
    { echo "This has changed" >&2; exit 1; }
done
