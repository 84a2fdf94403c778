import { assert, assertEquals } from "@std/assert";
import { asApiCallError } from "../../../lib/client/net/sdk_error.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { ANSWER_END, promptOf, sdkModel } from "../../support/conversations.ts";
import { afterAnswer } from "../../support/opencode/retry.ts";

function marked(kind: string, status: number, retry: boolean) {
  return asApiCallError(new KimiError("network", "Broken off"), { kind, status, retry });
}

Deno.test("asApiCallError() keeps the error, and says what opencode decides by", () => {
  const error = new KimiError("network", "Broken off");
  const same = asApiCallError(error, { kind: "network", status: 503, retry: true });
  assert(same === error && same instanceof KimiError);
  assertEquals({ ...same }, {
    name: "KimiError",
    code: "network",
    status: undefined,
    resetsAt: undefined,
    url: "",
    requestBodyValues: {},
    statusCode: 503,
    responseHeaders: {},
    responseBody: '{"error":{"message":"Broken off","type":"kimi_network"}}',
    isRetryable: true,
    [Symbol.for("vercel.ai.error")]: true,
    [Symbol.for("vercel.ai.error.AI_APICallError")]: true,
  });
});

Deno.test("asApiCallError() gives an overflow the code after which opencode compacts", () => {
  const { responseBody } = Object(marked("too_large", 400, false));
  assertEquals(afterAnswer(400, responseBody), ["compact", "compact"]);
});

Deno.test("opencode's SDK passes the error of a stream on as it is", async () => {
  const error = marked("capacity", 429, true);
  const begun = ANSWER_END.split("\n\n")[0]!;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(`${begun}\n\n`)),
    pull: (controller) => controller.error(error),
  });
  const model = sdkModel({
    baseURL: "http://127.0.0.1:9/v1",
    fetch: () =>
      Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } })),
    transformRequestBody: (given) => given,
  });
  const prompt = promptOf({ messages: [{ role: "user", text: "Hello" }] });
  const { stream } = await model.doStream({ prompt });
  const failure = await Array.fromAsync(stream).catch((thrown) => thrown);
  assert(failure === error);
});
