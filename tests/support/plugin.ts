/**
 * The plugin's hooks under opencode's real SDK, in this process: from a conversation to the bytes of
 * the chat body.
 */
import { createRefreshMemory } from "../../lib/client/tokens/login_store.ts";
import { createHooks } from "../../lib/opencode/v1/hooks.ts";
import { type ClientName, MODEL_ID, PROVIDER_ID } from "../../lib/kimi/identity/constants.ts";
import type { Config, Hooks, StoredMessage } from "../../lib/opencode/v1/types.ts";
import { isObject, type JsonObject } from "../../lib/kimi/util/json.ts";
import {
  ANSWER_END,
  promptOf,
  sdkModel,
  type SdkOptions,
  type Spec,
  toolsOf,
} from "./conversations.ts";
import { type Answer, type FakeEnvironment, fakeEnvironment, NOW } from "./environment.ts";

export interface PluginSetup {
  /** Context length of the model in tokens. */
  readonly context: number;
  /** `kimi-cli` if absent. */
  readonly client?: ClientName;
  /** What the service's `/models` has, beside its id, of the model; it is not asked if absent. */
  readonly model?: JsonObject;
  /** The `KIMI_*` environment variables. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Answers chat requests; by default with the stream of the question. */
  readonly answer?: Answer;
}

/** A request as opencode makes it. */
export interface Question
  extends Pick<Spec, "system" | "session" | "effort" | "messages" | "tools"> {
  /** `build` if absent. */
  readonly agent?: string;
  /** `auto` if absent. */
  readonly toolChoice?: "auto" | "required";
  /** Replaces members of the body that the SDK hands to the plugin. */
  readonly given?: JsonObject;
  /** The answer's event stream; empty if absent. */
  readonly answer?: string;
}

export interface Plugin {
  readonly environment: FakeEnvironment;
  /** Sends a request, reads its answer to the end, and returns the body that was sent. */
  ask(question: Question): Promise<string>;
}

const LOGIN = { type: "oauth", access: "access", refresh: "refresh", expires: NOW + 900_000 };

const API = "http://127.0.0.1:9/coding/v1";

/** opencode's `max_tokens`, which must not be sent. */
const MAX_OUTPUT_TOKENS = 32_000;

/** Starts the plugin as opencode does, with a login. */
export async function openPlugin(setup: PluginSetup): Promise<Plugin> {
  const { client: name = "kimi-cli", context, model, variables } = setup;
  let [sent, stream] = ["", ""];
  const headers = { "content-type": "text/event-stream" };
  const environment = fakeEnvironment({
    variables: { ...variables, KIMI_CODE_BASE_URL: API },
    answer(request) {
      if (request.url.endsWith("/models")) {
        return Response.json({ data: model === undefined ? [] : [{ id: MODEL_ID, ...model }] });
      }
      sent = request.body;
      return setup.answer?.(request) ?? new Response(stream, { headers });
    },
  });
  const client = { auth: { set: () => Promise.resolve({}) } };
  const hooks = createHooks(
    environment,
    client,
    { client: name },
    { memory: createRefreshMemory(), notices: { told: new Map() } },
  );
  const limit = { context, output: MAX_OUTPUT_TOKENS };
  const config: Config = { provider: { [PROVIDER_ID]: { models: { [MODEL_ID]: { limit } } } } };
  await hooks.config(config);
  const provider = memberOf(config.provider, PROVIDER_ID);
  const options = sdkOptions(await hooks.auth.loader(() => Promise.resolve(LOGIN), provider));
  if (model !== undefined) await modelsRead(environment);
  const variants = memberOf(memberOf(memberOf(provider, "models"), MODEL_ID), "variants");
  return {
    environment,
    async ask(question) {
      stream = question.answer ?? ANSWER_END;
      await send(hooks, options, variants, question);
      return sent;
    },
  };
}

/** Waits until the plugin has read the answer of `/models`. */
async function modelsRead({ sent }: FakeEnvironment): Promise<void> {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  while (!sent.some(({ url }) => url.endsWith("/models"))) await turn();
  for (let turns = 0; turns < 10; turns++) await turn();
}

async function send(
  hooks: Hooks,
  options: SdkOptions,
  variants: unknown,
  question: Question,
): Promise<void> {
  const { session, effort, agent = "build", toolChoice = "auto", given } = question;
  const variant = effort === "default" ? {} : { variant: effort };
  const chosen = memberOf(variants, effort);
  const output = { options: isObject(chosen) ? { ...chosen } : {} };
  await hooks["experimental.chat.messages.transform"]({}, { messages: [kept(question)] });
  await hooks["chat.params"]({
    sessionID: session,
    agent,
    model: { providerID: PROVIDER_ID, id: MODEL_ID },
    provider: { id: PROVIDER_ID },
    message: { model: variant },
  }, output);
  const { transformRequestBody } = options;
  const model = sdkModel({
    ...options,
    transformRequestBody: (body) => transformRequestBody({ ...body, ...given }),
  });
  const tools = toolsOf(question);
  const { stream } = await model.doStream({
    prompt: promptOf(question),
    ...(tools.length === 0 ? {} : { tools, toolChoice: { type: toolChoice } }),
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    providerOptions: { [PROVIDER_ID]: JSON.parse(JSON.stringify(output.options)) },
  });
  await stream.pipeTo(new WritableStream());
}

/** What opencode has kept of the calls, in one message of the session. */
function kept({ session, messages }: Question): StoredMessage {
  const model = { providerID: PROVIDER_ID, modelID: MODEL_ID };
  const calls = messages.flatMap(({ calls = [] }) => calls);
  const parts = calls.map(({ id, spelled }) => (
    { type: "tool", callID: id, state: { metadata: { kimiArguments: spelled } } }
  ));
  return { info: { role: "user", sessionID: session, model }, parts };
}

function sdkOptions({ fetch, transformRequestBody }: Record<string, unknown>): SdkOptions {
  if (typeof fetch !== "function" || typeof transformRequestBody !== "function") {
    throw new Error("the loader gave no functions for the SDK");
  }
  return {
    baseURL: API,
    fetch: (...request) => fetch(...request),
    transformRequestBody: (body) => transformRequestBody(body),
  };
}

function memberOf(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}
