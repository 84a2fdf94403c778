/** An OpenAI-compatible provider unrelated to Kimi; it records requests and answers them. */

/** A request as received. */
export interface PlainRequest {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A running plain provider. */
export interface PlainProvider extends AsyncDisposable {
  readonly baseURL: string;
  readonly requests: readonly PlainRequest[];
  /** The provider block for `opencode.json`; its model is {@linkcode PLAIN_MODEL}. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** The plain provider's model, as `opencode run --model` takes it. */
export const PLAIN_MODEL = "plain/parrot";

/** The API key in the provider block. */
export const PLAIN_KEY = "sk-plain";

/** Starts a plain provider on a free port. */
export function startPlainProvider(): PlainProvider {
  const requests: PlainRequest[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    requests.push({ headers: new Map(request.headers), body: await request.text() });
    return new Response(ANSWER, { headers: { "content-type": "text/event-stream" } });
  });
  const baseURL = `http://127.0.0.1:${server.addr.port}/v1`;
  const models = { parrot: { name: "Parrot", limit: { context: 100_000, output: 8_000 } } };
  return {
    baseURL,
    requests,
    config: { plain: { npm: SDK, options: { baseURL, apiKey: PLAIN_KEY }, models } },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const SDK = "@ai-sdk/openai-compatible";

const CHUNK = { id: "plain-1", object: "chat.completion.chunk", created: 1, model: "parrot" };

const ANSWER = [
  { ...CHUNK, choices: [{ index: 0, delta: { role: "assistant", content: "plain answer" } }] },
  {
    ...CHUNK,
    choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
    usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
  },
].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("") + "data: [DONE]\n\n";
