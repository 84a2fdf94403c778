/** The part of opencode 2.x's terminal interface: `/kimi-usage`, and notices of the quota. */

import { createAuthJsonTokens } from "../../client/auth_json/store.ts";
import type { Environment } from "../../client/environment.ts";
import type { Credential } from "../../client/tokens/credential.ts";
import type { RefreshMemory } from "../../client/tokens/login_store.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { readOptions } from "../../kimi/plugin_options.ts";
import { resolveHosts } from "../../kimi/identity/hosts.ts";
import { isObject } from "../../kimi/util/json.ts";
import { createQuotaNotice, type Notice } from "../quota_notice.ts";
import { USAGE_COMMAND, usageText } from "../usage_text.ts";
import { hasFunction } from "./host.ts";
import { inV2Words, V2_WORDS } from "./words.ts";

/** A message in a corner of the screen. */
export type Toast = {
  readonly title: string;
  readonly message: string;
  readonly variant: "info" | "warning" | "error";
  /** In milliseconds. */
  readonly duration: number;
};

/** What `setup` of the terminal's part is given. Source: upstream's `packages/plugin/src/tui`. */
export type TuiContext = {
  readonly options?: unknown;
  readonly ui: {
    readonly toast: { readonly show: (toast: Toast) => unknown };
    /** Adds to a place of the screen; what it returns takes that away. */
    readonly slot?: (slot: { readonly append: "app"; readonly render: () => null }) => unknown;
  };
  readonly keymap: {
    readonly layer: (
      layer: () => { readonly mode: "global"; readonly commands: readonly TuiSlashCommand[] },
    ) => unknown;
  };
};

/** A command of the palette and the prompt. */
export type TuiSlashCommand = {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly palette: true;
  readonly slash: { readonly name: string };
  readonly run: () => void;
};

/** How long the usage is shown, and its width in columns. */
const SHOWN_MS = 20_000;
const WIDTH = 56;

/** How often to look whether it is time to ask for the quota. */
const WATCH_MS = 60_000;

/** Whether a context is that of 2.x; 1.x has no `keymap.layer`. */
export function isTuiContext(context: unknown): context is TuiContext {
  return hasFunction(context, "keymap", "layer") && isObject(context) &&
    hasFunction(context.ui, "toast", "show");
}

/** Adds the command and the notices; returns what to call at the end. */
export function setUpTui(
  context: TuiContext,
  environment: Environment,
  memory?: RefreshMemory,
): () => void {
  const { client } = readOptions("options" in context ? context.options : undefined).options;
  const show = (toast: Toast) => context.ui.toast.show(toast);
  const login = () =>
    createAuthJsonTokens(environment, { client, ...(memory === undefined ? {} : { memory }) });
  const run = async () => {
    const shown = { title: USAGE_COMMAND.title, duration: SHOWN_MS };
    try {
      const question = { ...await login(), client, words: V2_WORDS, width: WIDTH };
      show({ ...shown, message: await usageText(environment, question), variant: "info" });
    } catch (error) {
      show({ ...shown, message: inV2Words(messageOf(error)), variant: "error" });
    }
  };
  const remove = addCommand(context, () => void run());
  const controller = new AbortController();
  const stored = async () => (await login()).tokens.stored();
  const api = (credential: Credential) =>
    resolveHosts(environment.variables, undefined, credential.hosts).api;
  const notify = async (notice: Notice) => await show(notice);
  const notices = { told: new Map<string, number>() };
  const ask = createQuotaNotice({ environment, options: { client }, stored, api, notices, notify });
  void watchQuota(environment, ask, controller.signal);
  return () => {
    controller.abort();
    remove();
  };
}

/**
 * Adds the command once: 2.0.22 takes a layer only while a component is rendered, and keeps each one that it
 * is given. Source: public plugins that were run on it.
 */
function addCommand({ keymap, ui }: TuiContext, run: () => void): () => void {
  const slash = { name: USAGE_COMMAND.slash };
  const command = { ...USAGE_COMMAND, palette: true, slash, run } as const;
  let isAdded = false;
  const render = () => {
    try {
      if (!isAdded) keymap.layer(() => ({ mode: "global", commands: [command] }));
      isAdded = true;
    } catch {
      // The next rendering may be one of a component.
    }
    return null;
  };
  const remove = hasFunction({ ui }, "ui", "slot")
    ? ui.slot?.({ append: "app", render })
    : render();
  return () => typeof remove === "function" && remove();
}

/** Asks now and then, with a token that is valid: so only while opencode is in use. */
async function watchQuota(
  { sleep }: Pick<Environment, "sleep">,
  ask: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(WATCH_MS, signal).catch(() => {});
    if (!signal.aborted) await ask();
  }
}
