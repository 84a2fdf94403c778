/**
 * The three subjects, set up as in opencode behind its real SDK: the bare SDK, the built plugin, and the
 * npm plugin `opencode-kimi-oauth`. Runs in Bun.
 */
import { readFile, writeFile } from "node:fs/promises";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";

type Model = ReturnType<ReturnType<typeof createOpenAICompatible>>;
type CallOptions = Parameters<Model["doStream"]>[0];
type Setup = Parameters<typeof createOpenAICompatible>[0];

/** The part of a request that depends on the conversation. */
export type Input = Pick<CallOptions, "prompt" | "tools">;

/** `code` is ours with the client kimi-code. */
export type SubjectName = "bare" | "ours" | "code" | "peer";

export interface Subject {
  readonly name: SubjectName;
  /** Asks as opencode does, with the hooks, and reads the answer to its end. */
  readonly ask: (input: Input) => Promise<void>;
  /** The `fetch` of its SDK. */
  readonly fetch: typeof fetch;
}

export interface Places {
  /** The built plugin's entry. */
  readonly ours: string;
  /** The peer's entry. */
  readonly peer: string;
  /** opencode's auth.json. */
  readonly auth: string;
  /** The API that the plugin is set up with; the peer's is fixed. */
  readonly api: string;
}

const ID = "kimi-for-coding-oauth";
const MODEL = "kimi-for-coding";

/** opencode's own headers. */
const HEADERS = {
  "User-Agent": "opencode/1.18.33",
  "x-session-affinity": "ses_1",
  "x-session-id": "ses_1",
};

interface Hooks {
  readonly config?: (config: { provider?: Record<string, unknown> }) => Promise<void>;
  readonly auth: {
    readonly loader: (getAuth: () => Promise<unknown>, provider?: unknown) => Promise<unknown>;
  };
  readonly "chat.params"?: (input: unknown, output: unknown) => Promise<void>;
  readonly "chat.headers"?: (input: unknown, output: unknown) => Promise<void>;
}

/** Sets one of the three up, in a process of its own: neither plugin may warm code for the other. */
export async function setUp(name: SubjectName, places: Places): Promise<Subject> {
  if (name !== "bare") return await pluginSubject(name, places);
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => globalThis.fetch(input, init);
  return subject(name, { baseURL: places.api, apiKey: "none", fetch }, {});
}

async function pluginSubject(
  name: Exclude<SubjectName, "bare">,
  places: Places,
): Promise<Subject> {
  const { default: plugin } = await import(places[name === "code" ? "ours" : name]);
  const set = async ({ body }: { readonly body: unknown }) => {
    await writeFile(places.auth, JSON.stringify({ [ID]: body }));
    return {};
  };
  const auth = { set };
  const hooks: Hooks = await plugin.server(
    { client: { auth } },
    name === "code" ? { client: "kimi-code" } : {},
  );
  const config: { provider: Record<string, unknown> } = { provider: {} };
  await hooks.config?.(config);
  const provider = Object(config.provider[ID]);
  // opencode reads the file at each call.
  const getAuth = async () => JSON.parse(await readFile(places.auth, "utf8"))[ID];
  const loaded = await hooks.auth.loader(getAuth, provider);
  const options = { baseURL: places.api, ...Object(loaded), ...Object(provider.options) };
  return subject(name, options, hooks);
}

function subject(
  name: SubjectName,
  options: Omit<Setup, "name"> & Pick<Subject, "fetch">,
  hooks: Partial<Hooks>,
): Subject {
  const sdk = createOpenAICompatible({ name: ID, includeUsage: true, ...options });
  const model = sdk(MODEL);
  return {
    name,
    fetch: options.fetch,
    async ask(input) {
      const asked = {
        sessionID: "ses_1",
        agent: "build",
        model: { providerID: ID, id: MODEL, options: {}, variants: {} },
        provider: { id: ID },
        message: { model: {} },
      };
      const params = { options: {} };
      const output = { headers: { ...HEADERS } };
      await hooks["chat.params"]?.(asked, params);
      await hooks["chat.headers"]?.(asked, output);
      const { stream } = await model.doStream({
        ...input,
        toolChoice: { type: "auto" },
        abortSignal: new AbortController().signal,
        maxOutputTokens: 32_000,
        headers: output.headers,
        providerOptions: { [ID]: params.options },
      });
      const reader = stream.getReader();
      while (!(await reader.read()).done);
    },
  };
}
