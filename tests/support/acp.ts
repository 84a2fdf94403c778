/** An editor, as the real client library of the Agent Client Protocol makes one. */

import {
  client,
  type ClientContext,
  type InitializeResponse,
  methods,
  ndJsonStream,
  type NewSessionResponse,
  type PromptResponse,
  PROTOCOL_VERSION,
  RequestError,
  type SessionNotification,
} from "@agentclientprotocol/sdk/unstable";
import { join } from "@std/path";
import { environment, type Opencode } from "./opencode/opencode.ts";
import { opencodeProgram } from "./tools.ts";

/** How a turn ended; with `error`, the words of the error that came in place of an answer. */
export type TurnOutcome = Partial<PromptResponse> & { readonly error?: string };

/** A session of an editor, with what opencode told of it. */
export interface EditorSession {
  readonly created: NewSessionResponse;
  readonly updates: readonly SessionNotification["update"][];
  prompt(text: string): Promise<TurnOutcome>;
  /** Chooses a value of one of the session's options. */
  choose(configId: string, value: string): Promise<unknown>;
  /** Stops the turn that runs. */
  cancel(): Promise<void>;
}

/** A running `opencode acp`; its process ends when it is disposed. */
export interface Editor extends AsyncDisposable {
  readonly initialized: InitializeResponse;
  /** What opencode asked before it ran a tool. */
  readonly permissions: readonly string[];
  open(): Promise<EditorSession>;
}

/** Milliseconds after which a hanging opencode is killed. */
const LIMIT = 120_000;

/** Starts `opencode acp` in the project folder of a home. */
export async function openEditor(
  { home, version }: Opencode,
  kimi: Parameters<typeof environment>[1]["kimi"],
): Promise<Editor> {
  const cwd = join(home, "project");
  const child = new Deno.Command(await opencodeProgram(version), {
    args: ["acp"],
    cwd,
    env: environment(home, kimi === undefined ? {} : { kimi }),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT);
  const permissions: string[] = [];
  const updates = new Map<string, SessionNotification["update"][]>();
  const seen = (id: string) => updates.getOrInsertComputed(id, () => []);
  const connection = client({ name: "editor" })
    .onNotification(methods.client.session.update, ({ params: { sessionId, update } }) => {
      seen(sessionId).push(update);
    })
    .onRequest(methods.client.session.requestPermission, ({ params: { toolCall, options } }) => {
      permissions.push(toolCall.title ?? "");
      const [option] = options;
      if (option === undefined) return { outcome: { outcome: "cancelled" } };
      return { outcome: { outcome: "selected", optionId: option.optionId } };
    })
    .connect(ndJsonStream(child.stdin, child.stdout));
  const initialized = await connection.agent.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientCapabilities: {},
  });
  return {
    initialized,
    permissions,
    open: async () => {
      const created = await connection.agent.request(methods.agent.session.new, {
        cwd,
        mcpServers: [],
      });
      return sessionOf(connection.agent, created, seen(created.sessionId));
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      connection.close();
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

function sessionOf(
  agent: ClientContext,
  created: NewSessionResponse,
  updates: readonly SessionNotification["update"][],
): EditorSession {
  const { sessionId } = created;
  return {
    created,
    updates,
    prompt: (text) =>
      agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: "text", text }] })
        .catch((error) => {
          if (error instanceof RequestError) return { error: error.message };
          throw error;
        }),
    choose: (configId, value) =>
      agent.request(methods.agent.session.setConfigOption, { sessionId, configId, value }),
    cancel: () => agent.notify(methods.agent.session.cancel, { sessionId }),
  };
}
