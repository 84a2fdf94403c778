/**
 * A word in time that a window of the plan is nearly used up.
 *
 * @module
 */

import { type Credential, remainingSeconds } from "../client/tokens/credential.ts";
import type { Environment } from "../client/environment.ts";
import { requestUsage } from "../client/account/fetch_usage.ts";
import { messageOf } from "../kimi/errors/kimi_error.ts";
import { formatReset, formatShare } from "../kimi/usage/format.ts";
import type { Usage, UsageWindow } from "../kimi/usage/response.ts";
import { nearlyUsedUp } from "../kimi/usage/thresholds.ts";
import type { PluginOptions } from "../kimi/plugin_options.ts";
import type { OpencodeClient } from "./v1/types.ts";

/** From the first answer to the first question: `opencode run` has ended by then. */
const FIRST_MS = 60_000;

/** From one question to the next. */
const PAUSE_MS = 600_000;

/** How long the word stays. */
const SHOWN_MS = 10_000;

/** What a watch depends on. */
export interface QuotaWatch {
  /** Clock, network and log. */
  readonly environment: Pick<Environment, "fetch" | "now" | "localTime" | "log">;
  /** opencode's client. */
  readonly opencode: OpencodeClient;
  /** Whose identity to send. */
  readonly options: Pick<PluginOptions, "client">;
  /** Gives the login, if there is one. */
  readonly stored: () => Promise<Credential | undefined>;
  /** Gives the API base for a login. */
  readonly api: (credential: Credential) => string;
  /** What the instances of a process share. */
  readonly memory: object;
}

/** What a process remembers of its watches. */
interface Watched {
  /** When to ask next, in milliseconds since 1970. */
  askAfter: number;
  /** By name of a window that the user knows of, when it resets. */
  readonly told: Map<string, number>;
}

const watched = new WeakMap<object, Watched>();

/**
 * Makes a watch.
 *
 * @param watch What it depends on.
 * @returns A function to be called after each answer. It asks at most every ten minutes, with a token that
 * is valid already, and never fails.
 */
export function createQuotaNotice(watch: QuotaWatch): () => Promise<void> {
  const { environment, opencode, options, memory } = watch;
  const state = watched.get(memory) ?? { askAfter: environment.now() + FIRST_MS, told: new Map() };
  watched.set(memory, state);
  return async () => {
    const now = environment.now();
    if (now < state.askAfter) return;
    state.askAfter = now + PAUSE_MS;
    try {
      const credential = await watch.stored();
      if (credential === undefined || remainingSeconds(credential, now) <= 0) return;
      const request = { client: options.client, api: watch.api };
      const quotas = await requestUsage(environment, credential, request);
      await tell(opencode, news(quotas, state, now), environment);
    } catch (error) {
      environment.log("debug", messageOf(error));
    }
  };
}

/** The windows that are nearly used up, and that the user does not know of yet. */
function news(quotas: Usage, { told }: Watched, now: number): readonly UsageWindow[] {
  const nearly = nearlyUsedUp(quotas);
  for (const [name, resetsAt] of told) {
    if (resetsAt <= now || !nearly.some((window) => window.name === name)) told.delete(name);
  }
  const fresh = nearly.filter(({ name }) => !told.has(name));
  for (const { name, resetsAt = Infinity } of fresh) told.set(name, resetsAt);
  return fresh;
}

async function tell(
  { tui }: OpencodeClient,
  windows: readonly UsageWindow[],
  environment: Pick<Environment, "now" | "localTime">,
): Promise<void> {
  if (windows.length === 0) return;
  const when = { now: environment.now(), localTime: environment.localTime };
  const message = windows.map((window) => {
    const reset = formatReset(window, when);
    return `${window.name}: ${formatShare(window.usedShare)} used${
      reset === "" ? "" : `, ${reset}`
    }`;
  }).join("\n");
  await tui?.showToast?.({
    body: { title: "Kimi quota", message, variant: "warning", duration: SHOWN_MS },
  });
}
