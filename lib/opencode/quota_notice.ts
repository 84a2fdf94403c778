/** Tells the user in time that a window of the plan is nearly used up. */

import { type Credential, remainingSeconds } from "../client/tokens/credential.ts";
import type { Environment } from "../client/environment.ts";
import { requestUsage } from "../client/account/fetch_usage.ts";
import { messageOf } from "../kimi/errors/kimi_error.ts";
import { formatReset, formatShare } from "../kimi/usage/format.ts";
import type { Usage, UsageWindow } from "../kimi/usage/response.ts";
import { nearlyUsedUp } from "../kimi/usage/thresholds.ts";
import type { PluginOptions } from "../kimi/plugin_options.ts";

/** Between the first answer and the first question: `opencode run` has exited by then. */
const FIRST_MS = 60_000;

/** Between two questions. */
const PAUSE_MS = 600_000;

/** How long a notice is shown. */
const NOTICE_MS = 10_000;

/** What a notice depends on. */
export interface QuotaNotice {
  readonly environment: Pick<Environment, "fetch" | "now" | "localTime" | "log">;
  readonly options: Pick<PluginOptions, "client">;
  readonly stored: () => Promise<Credential | undefined>;
  readonly api: (credential: Credential) => string;
  readonly notices: NoticeState;
  /** Shows a message in opencode's interface, if it can. */
  readonly notify: (notice: Notice) => Promise<unknown> | undefined;
}

/** A short message in a corner of the screen. */
export type Notice = {
  readonly title: string;
  readonly message: string;
  readonly variant: "warning" | "info";
  /** How long it is shown, in milliseconds. */
  readonly duration: number;
};

/** What the instances of a process have told the user. */
export interface NoticeState {
  /** When to ask next, in milliseconds since 1970. */
  askAfter?: number;
  /** When a window that the user was told of resets, by its name. */
  readonly told: Map<string, number>;
}

/** Creates the function to call after each answer; it asks with a token that is valid, and never fails. */
export function createQuotaNotice(notice: QuotaNotice): () => Promise<void> {
  const { environment, options, api, notices, notify } = notice;
  notices.askAfter ??= environment.now() + FIRST_MS;
  return async () => {
    const now = environment.now();
    if (now < (notices.askAfter ?? 0)) return;
    notices.askAfter = now + PAUSE_MS;
    try {
      const credential = await notice.stored();
      if (credential === undefined || remainingSeconds(credential, now) <= 0) return;
      const usage = await requestUsage(environment, credential, { client: options.client, api });
      const windows = newlyLow(usage, notices, now);
      if (windows.length === 0) return;
      const message = messageFor(windows, environment);
      await notify({ title: "Kimi quota", message, variant: "warning", duration: NOTICE_MS });
    } catch (error) {
      environment.log("debug", messageOf(error));
    }
  };
}

/** The windows that are nearly used up, and that the user was not told of yet. */
function newlyLow(usage: Usage, { told }: NoticeState, now: number): readonly UsageWindow[] {
  const low = nearlyUsedUp(usage);
  for (const [name, resetsAt] of told) {
    if (resetsAt <= now || !low.some((window) => window.name === name)) told.delete(name);
  }
  const fresh = low.filter(({ name }) => !told.has(name));
  for (const { name, resetsAt = Infinity } of fresh) told.set(name, resetsAt);
  return fresh;
}

function messageFor(
  windows: readonly UsageWindow[],
  { now, localTime }: Pick<Environment, "now" | "localTime">,
): string {
  const when = { now: now(), localTime };
  return windows.map((window) => {
    const used = `${window.name}: ${formatShare(window.usedShare)} used`;
    return [used, formatReset(window, when)].filter(Boolean).join(", ");
  }).join("\n");
}
