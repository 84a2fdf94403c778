#!/bin/sh
# @ai-sdk/openai-compatible 2.0.41 and 3.0.92 do not end a stream at `data: [DONE]`: they leave that event out,
# read on, and finish when the connection is closed. A server or proxy that closes a second later costs a
# second at each answer, and what comes behind `[DONE]` becomes part of it. openai 7.59.0 stops there.
#
# Seen: "late, with the text behind [DONE]" twice, "at once, without it" for openai
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund openai@7.59.0 \
  two@npm:@ai-sdk/openai-compatible@2.0.41 three@npm:@ai-sdk/openai-compatible@3.0.92 >/dev/null

cat >done.mjs <<'JS'
const module = await import(process.argv[2]);
const TEXT = "A behind";
const event = (choice) => new TextEncoder().encode(`data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
let isClosed = false;
const body = () =>
  new ReadableStream({
    async start(controller) {
      controller.enqueue(event({ delta: { role: "assistant", content: "A" } }));
      controller.enqueue(event({ delta: {}, finish_reason: "stop" }));
      controller.enqueue(new TextEncoder().encode("data: [DONE]\n\n"));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      try {
        controller.enqueue(event({ delta: { content: " behind" } }));
        isClosed = true;
        controller.close();
      } catch {
        // The reader has cancelled.
      }
    },
  });
const headers = { "content-type": "text/event-stream" };
const fetch = () => Promise.resolve(new Response(body(), { headers }));
async function* sdk() {
  const provider = module.createOpenAICompatible({ name: "any", baseURL: "http://any/v1", fetch });
  const prompt = [{ role: "user", content: [{ type: "text", text: "Is it so?" }] }];
  const { stream } = await provider("any").doStream({ prompt });
  for await (const part of stream) if (part.type === "text-delta") yield part.delta;
}
async function* openai() {
  const client = new module.default({ apiKey: "any", baseURL: "http://any/v1", fetch });
  const messages = [{ role: "user", content: "Is it so?" }];
  const stream = await client.chat.completions.create({ model: "any", messages, stream: true });
  for await (const { choices } of stream) yield choices[0].delta.content ?? "";
}
let text = "";
for await (const piece of process.argv[2] === "openai" ? openai() : sdk()) text += piece;
console.log(`${isClosed ? "late" : "at once"}, ${text === TEXT ? "with the text behind [DONE]" : "without it"}`);
JS

check() {
  seen=$(node done.mjs "$1")
  echo "$1: $seen"
  [ "$seen" = "$2" ] || { echo "This has changed" >&2; exit 1; }
}
check two "late, with the text behind [DONE]"
check three "late, with the text behind [DONE]"
check openai "at once, without it"
