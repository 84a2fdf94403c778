#!/bin/sh
# @ai-sdk/openai-compatible 2.0.41 sends each option of a provider that it does not know as it is written
# (`thinking`, `prompt_cache_key`), but not `reasoning_effort`: the body's own key, which stands for the option
# `reasoningEffort`, overwrites it with nothing. So the effort in a configuration that is written like the API
# is ignored without a warning. 3.0.92 sends it.
#
# Seen: two "reasoning_effort undefined, prompt_cache_key any", three "reasoning_effort low, prompt_cache_key any"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  two@npm:@ai-sdk/openai-compatible@2.0.41 three@npm:@ai-sdk/openai-compatible@3.0.92 >/dev/null

cat >option.mjs <<'JS'
const { createOpenAICompatible } = await import(process.argv[2]);
let sent;
const fetch = (_, { body }) => {
  sent = JSON.parse(body);
  const headers = { "content-type": "text/event-stream" };
  return Promise.resolve(new Response("data: [DONE]\n\n", { headers }));
};
const sdk = createOpenAICompatible({ name: "any", baseURL: "http://any/v1", fetch });
const prompt = [{ role: "user", content: [{ type: "text", text: "Is it so?" }] }];
const providerOptions = { any: { reasoning_effort: "low", prompt_cache_key: "any" } };
await sdk("any").doStream({ prompt, providerOptions });
console.log(`reasoning_effort ${sent.reasoning_effort}, prompt_cache_key ${sent.prompt_cache_key}`);
JS

check() {
  seen=$(node option.mjs "$1")
  echo "$1: $seen"
  [ "$seen" = "$2" ] || { echo "This has changed" >&2; exit 1; }
}
check two "reasoning_effort undefined, prompt_cache_key any"
check three "reasoning_effort low, prompt_cache_key any"
