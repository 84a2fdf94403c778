/** Two tiny plugins: one that behaves, and one with a mistake of the test's choice. */

import type { Clock } from "../types.ts";

/** The id of the plugin, its integration and its provider. */
export const ID = "tiny";

/** The context, as far as the plugins here use it. */
export interface Context {
  readonly integration: {
    readonly transform: (callback: (editor: IntegrationEditor) => unknown) => Promise<unknown>;
    readonly connection: {
      readonly active: (id: string) => Promise<unknown>;
      readonly resolve: (connection: unknown) => Promise<Record<string, unknown>>;
    };
  };
  readonly provider: {
    readonly transform: (callback: (editor: ProviderEditor) => unknown) => Promise<unknown>;
  };
  readonly session: {
    readonly hook: (name: string, callback: (event: Event) => unknown, options?: object) => unknown;
  };
}

interface IntegrationEditor {
  readonly update: (id: string, change: (draft: { name: string }) => void) => void;
  readonly method: { readonly update: (registration: object) => void };
}

interface ProviderEditor {
  readonly add: (given: object) => void;
}

/** The event of a hook. */
export interface Event {
  request: Request;
  response: Response;
  readonly kind: string;
  decision: unknown;
  readonly attempt: number;
}

/** What a test changes of the plugin that behaves. */
export interface Tiny {
  readonly baseURL: string;
  readonly authorize?: () => unknown;
  readonly refresh?: (credential: Record<string, unknown>) => unknown;
  readonly model?: object;
  readonly info?: object;
  /** Called at the end of `setup`. */
  readonly more?: (context: Context) => unknown;
}

/** A credential of the tiny plugin. */
export function credential(access: string, expires: number): Record<string, unknown> {
  return { type: "oauth", methodID: "oauth", access, refresh: "r", expires };
}

/** The plugin that behaves. */
export function tiny(
  given: Tiny,
): { readonly id: string; readonly setup: (ctx: Context) => unknown } {
  const { baseURL, authorize, refresh } = given;
  return {
    id: ID,
    async setup(ctx) {
      await ctx.integration.transform((editor) => {
        editor.update(ID, (draft) => void (draft.name = "Tiny"));
        editor.method.update({
          integrationID: ID,
          method: { id: "oauth", type: "oauth", label: "Log in" },
          authorize: authorize ??
            (() => Promise.resolve(started(Promise.resolve(credential("a", 9e15))))),
          ...(refresh === undefined ? {} : { refresh }),
        });
      });
      await ctx.provider.transform((editor) => editor.add(provider(baseURL, given)));
      return await given.more?.(ctx);
    },
  };
}

/** What `authorize` gives in mode auto. */
export function started(callback: unknown): object {
  return { mode: "auto", url: "https://kimi.com/", instructions: "Open it", callback };
}

function provider(baseURL: string, { info, model }: Tiny): object {
  return {
    info: {
      id: ID,
      integrationID: ID,
      name: "Tiny",
      activation: "auto",
      package: "@opencode/ai/providers/openai-compatible",
      settings: { baseURL },
      ...info,
    },
    models: [{
      id: "kimi-for-coding",
      modelID: "kimi-for-coding",
      providerID: ID,
      name: "Kimi",
      capabilities: { tools: true, input: ["text", "image"], output: ["text"] },
      variants: [{ id: "high", settings: { reasoningEffort: "high" } }],
      time: { released: 0 },
      cost: [],
      status: "active",
      enabled: true,
      limit: { context: 262_144, output: 32_000 },
      ...model,
    }],
  };
}

/** A clock whose sleeps end at once. */
export function testClock(): Clock & { time: number; readonly waits: number[] } {
  const clock = {
    time: 1_800_000_000_000,
    waits: [] as number[],
    now: () => clock.time,
    sleep(milliseconds: number) {
      clock.waits.push(milliseconds);
      clock.time += milliseconds;
      return Promise.resolve();
    },
  };
  return clock;
}
