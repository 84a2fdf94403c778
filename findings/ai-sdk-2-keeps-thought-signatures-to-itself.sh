#!/bin/sh
# @ai-sdk/openai-compatible 2.0.41 reads the `thought_signature` of a tool call (`extra_content.google`), which
# Gemini wants back with the call, and hands it to the program under the provider's name. Of a prompt it reads it
# under `google` alone: behind a proxy with another name it is stored, and never sent. 3.0.92 sends it. A
# signature that comes with the last piece of a call instead of the first is lost in both.
#
# Seen: two "any false, google true, google at the end false", three "any true, google true, google at the end false"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  two@npm:@ai-sdk/openai-compatible@2.0.41 three@npm:@ai-sdk/openai-compatible@3.0.92 >/dev/null

cat >signature.mjs <<'JS'
const { createOpenAICompatible } = await import(process.argv[2]);
const signed = { extra_content: { google: { thought_signature: "any" } } };
const first = { id: "call_1", type: "function", function: { name: "list", arguments: "" } };
const last = { function: { arguments: "{}" } };
const question = { role: "user", content: [{ type: "text", text: "List the files" }] };

/** Whether the signature of an answer comes back in the next request. */
async function comesBack(name, ...pieces) {
  const calls = pieces.map((piece) => ({ delta: { tool_calls: [{ index: 0, ...piece }] } }));
  const choices = [...calls, { delta: {}, finish_reason: "tool_calls" }];
  const text = choices.map((choice) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
  let sent;
  const fetch = (_, { body }) => {
    sent = body;
    const headers = { "content-type": "text/event-stream" };
    return Promise.resolve(new Response(`${text.join("")}data: [DONE]\n\n`, { headers }));
  };
  const model = createOpenAICompatible({ name, baseURL: "http://any/v1", fetch })("any");
  const { stream } = await model.doStream({ prompt: [question] });
  const content = [];
  for await (const { type, input, providerMetadata, ...part } of stream) {
    if (type !== "tool-call") continue;
    content.push({ type, ...part, input: JSON.parse(input), providerOptions: providerMetadata });
  }
  await model.doStream({ prompt: [question, { role: "assistant", content }] });
  return sent.includes("thought_signature");
}
const any = await comesBack("any", { ...first, ...signed }, last);
const google = await comesBack("google", { ...first, ...signed }, last);
const atEnd = await comesBack("google", first, { ...last, ...signed });
console.log(`any ${any}, google ${google}, google at the end ${atEnd}`);
JS

check() {
  seen=$(node signature.mjs "$1")
  echo "$1: $seen"
  [ "$seen" = "$2" ] || { echo "This has changed" >&2; exit 1; }
}
check two "any false, google true, google at the end false"
check three "any true, google true, google at the end false"
