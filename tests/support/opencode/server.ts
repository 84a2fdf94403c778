/**
 * One `opencode serve`, asked over its HTTP API: many sessions without a start each.
 *
 * @module
 */
import { join } from "@std/path";
import { type JsonObject, objectOf, parseObject } from "../../../lib/kimi/util/json.ts";
import { type FakeKimi, startFakeKimi } from "../fake/kimi.ts";
import { opencodeProgram, type OpencodeVersion } from "../tools.ts";
import { environment, type HomeOptions, type Opencode, openOpencode } from "./opencode.ts";

/** An event of opencode's bus. */
export interface BusEvent {
  readonly type: string;
  readonly properties: JsonObject;
}

/** A running server, which is killed when it is disposed. */
export interface OpencodeServer extends AsyncDisposable {
  readonly url: string;
  /** All events so far. */
  readonly events: readonly BusEvent[];
  /** Sends a request, and reads the JSON of its answer. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Makes a session with a title, so that none is asked for; returns its id. */
  session(): Promise<string>;
  /** Asks in a session, and waits for the answer; returns the message with its parts. */
  ask(session: string, text: string, more?: JsonObject): Promise<JsonObject>;
  /** Ends what a session does. */
  abort(session: string): Promise<unknown>;
  /** Waits for an event. */
  until(test: (event: BusEvent) => boolean, timeout?: number): Promise<BusEvent>;
}

const MODEL = { providerID: "kimi-for-coding-oauth", modelID: "kimi-for-coding" };

/** A server whose home holds a login to a fake Kimi, and the plugin at a path. */
export interface LoggedInServer extends AsyncDisposable {
  readonly kimi: FakeKimi;
  readonly opencode: Opencode;
  readonly server: OpencodeServer;
}

/** Starts a server with a login. */
export async function serveLoggedIn(
  version: OpencodeVersion,
  plugin: string,
): Promise<LoggedInServer> {
  await using opened = new AsyncDisposableStack();
  const kimi = opened.use(await startFakeKimi());
  const config = { plugin: [plugin] };
  const opencode = opened.use(await openOpencode({ version, config, kimi }));
  const { access_token: access, refresh_token: refresh } = kimi.issueTokens();
  const entry = { type: "oauth", access, refresh, expires: Date.now() + 900_000 };
  await opencode.writeAuth(JSON.stringify({ [MODEL.providerID]: entry }));
  const server = opened.use(await serve(opencode, { kimi }));
  const kept = opened.move();
  return { kimi, opencode, server, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Starts a server in the home of an opencode. */
export async function serve(
  { home, version }: Opencode,
  options: Pick<HomeOptions, "kimi" | "env">,
): Promise<OpencodeServer> {
  const child = new Deno.Command(await opencodeProgram(version), {
    args: ["serve", "--port", "0", "--hostname", "127.0.0.1"],
    cwd: join(home, "project"),
    env: { ...environment(home, options), ...options.env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const url = await listening(child.stdout);
  const events: BusEvent[] = [];
  const waiting = new Set<(event: BusEvent) => void>();
  const ending = new AbortController();
  const read = readEvents(url, ending.signal, (event) => {
    events.push(event);
    for (const wake of waiting) wake(event);
  });
  const call: OpencodeServer["call"] = async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    url,
    events,
    call,
    session: async () => String(objectOf(await call("POST", "/session", { title: "A test" })).id),
    ask: async (session, text, more = {}) => {
      const parts = [{ type: "text", text }];
      const asked = { model: MODEL, parts, ...more };
      return objectOf(await call("POST", `/session/${session}/message`, asked));
    },
    abort: (session) => call("POST", `/session/${session}/abort`),
    until: (test, timeout = 30_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("the event did not come")), timeout);
        const wake = (event: BusEvent) => {
          if (!test(event)) return;
          clearTimeout(timer);
          waiting.delete(wake);
          resolve(event);
        };
        waiting.add(wake);
      }),
    async [Symbol.asyncDispose]() {
      if (ending.signal.aborted) return;
      ending.abort();
      child.kill("SIGKILL");
      await child.status;
      await read;
    },
  };
}

/** The URL that opencode prints. */
async function listening(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  for (;;) {
    const { value, done } = await reader.read();
    said += value ?? "";
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
    if (url !== undefined) {
      void drain(reader);
      return url;
    }
    if (done) throw new Error(`opencode serve ended: ${said}`);
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

async function readEvents(
  url: string,
  signal: AbortSignal,
  onEvent: (event: BusEvent) => void,
): Promise<void> {
  try {
    const answer = await fetch(`${url}/event`, { signal });
    let rest = "";
    for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = line.startsWith("data:") ? parseObject(line.slice(5)) : undefined;
        if (typeof event?.type !== "string") continue;
        onEvent({ type: event.type, properties: objectOf(event.properties) });
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
