#!/bin/sh
# @ai-sdk/openai-compatible 2.0.41 and 3.0.92: an image in the result of a tool, as a browser or an MCP server
# returns it, is sent as JSON in a text, base64 included, without a warning: the model reads a third more
# characters than the image has bytes, and sees no image. In the user's message the same image is sent as one.
#
# Seen: "of the user image_url, of a tool a text of 30 thousand characters" twice (an image of 22,500 bytes)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  two@npm:@ai-sdk/openai-compatible@2.0.41 three@npm:@ai-sdk/openai-compatible@3.0.92 >/dev/null

cat >image.mjs <<'JS'
const [release] = process.argv.slice(2);
const { createOpenAICompatible } = await import(release);
let sent;
const fetch = (_, { body }) => {
  sent = JSON.parse(body).messages;
  const headers = { "content-type": "text/event-stream" };
  return Promise.resolve(new Response("data: [DONE]\n\n", { headers }));
};
const mediaType = "image/png";
const base64 = Buffer.alloc(22_500).toString("base64");
// The two releases have different types for the same things.
const data = release === "two" ? base64 : { type: "data", data: base64 };
const image = { type: release === "two" ? "image-data" : "file", mediaType, data };
const call = { toolCallId: "call_1", toolName: "screenshot" };
const output = { type: "content", value: [image] };
const prompt = [
  { role: "user", content: [{ type: "file", mediaType, data }] },
  { role: "assistant", content: [{ type: "tool-call", ...call, input: {} }] },
  { role: "tool", content: [{ type: "tool-result", ...call, output }] },
];
const sdk = createOpenAICompatible({ name: "any", baseURL: "http://any/v1", fetch });
await sdk("any").doStream({ prompt });
const [user, , tool] = sent;
const size = typeof tool.content === "string" && tool.content.includes(base64)
  ? `text of ${Math.round(tool.content.length / 1000)} thousand characters`
  : typeof tool.content;
console.log(`of the user ${user.content[0].type}, of a tool a ${size}`);
JS

for release in two three; do
  seen=$(node image.mjs "$release")
  echo "$release: $seen"
  [ "$seen" = "of the user image_url, of a tool a text of 30 thousand characters" ] ||
    { echo "This has changed" >&2; exit 1; }
done
