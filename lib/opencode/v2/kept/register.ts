/** Registers what keeps videos and the spelling of tool calls with the sessions of opencode 2.x. */

import { messageOf } from "../../../kimi/errors/kimi_error.ts";
import { objectOf, text } from "../../../kimi/util/json.ts";
import { ARGUMENTS_MEMBER } from "../../kept_members.ts";
import type { Account } from "../account.ts";
import type { Core } from "../core.ts";
import { hasFunction } from "../host.ts";
import type { HostContext, ToolEvents } from "../types.ts";
import { createHistory, type History } from "./history.ts";
import { sendVideosOf } from "./prompt.ts";

/** Runs JavaScript that calls tools, whose events have the id of its own call. Source: core `codemode/tool.ts`. */
const CODE_MODE = "execute";

/** Registers the hooks; returns what reads in later requests what they kept. */
export async function keepWithSessions(
  host: HostContext,
  core: Core,
  account: Pick<Account, "follow">,
): Promise<History> {
  const { environment: { log }, options: { client } } = core;
  const history = createHistory(host, core);
  await host.session.hook("prompt", async (event) => {
    try {
      await sendVideosOf(host, core, account, event);
    } catch (error) {
      log("error", `The videos are not sent: ${messageOf(error)}`);
    }
  });
  const canRead = hasFunction(host, "session", "context");
  if (client !== "kimi-cli" || !canRead || !hasFunction(host, "tool", "hook")) return history;
  const { tool } = host;
  const calls = createCallHooks(core, history);
  await tool?.hook?.("execute.before", calls.onBefore);
  await tool?.hook?.("execute.after", async (event) => {
    try {
      await calls.onAfter(event);
    } catch (error) {
      log("error", `The spelling of a tool call is lost: ${messageOf(error)}`);
    }
  });
  return history;
}

/** Adds the spelling of a call to its result, which opencode stores with the session. */
function createCallHooks({ provider }: Core, { cacheKeyOf }: History) {
  const running = new Set<string>();
  return {
    onBefore({ tool, sessionID, id }: ToolEvents["execute.before"]) {
      if (tool === CODE_MODE) running.add(`${sessionID}\n${id}`);
    },
    async onAfter(event: ToolEvents["execute.after"]) {
      const { tool, sessionID, id } = event;
      const call = `${sessionID}\n${id}`;
      if (running.has(call) && tool !== CODE_MODE) return;
      running.delete(call);
      const { spellings } = await provider.kept();
      const spelled = spellings.take(cacheKeyOf(sessionID), text(id) ?? "");
      if (spelled === undefined || event.result === undefined) return;
      const metadata = { ...objectOf(event.result.metadata), [ARGUMENTS_MEMBER]: spelled };
      event.result = { ...event.result, metadata };
    },
  };
}
