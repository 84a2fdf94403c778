/** The tools `kimi_search` and `kimi_fetch`, as opencode 2.x takes them. */

import { messageOf } from "../../../kimi/errors/kimi_error.ts";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { text } from "../../../kimi/util/json.ts";
import { WEB_TOOLS, type WebTool } from "../../tools/web_tools.ts";
import type { Account } from "../account.ts";
import type { Core } from "../core.ts";
import { inV2Words } from "../words.ts";
import type { HostContext, HostTool, ShapeEvent, ToolCallContext } from "../types.ts";
import { assertAllowed } from "./permission.ts";

/** The events of requests that offer tools. 2.0.4 documents but the first, for all of them. */
const OFFERS = ["context", "compaction", "generate"] as const;

/** Adds the tools, and takes them out of the requests to other providers' models. */
export async function addWebTools(
  host: HostContext,
  core: Core,
  account: Pick<Account, "follow">,
): Promise<void> {
  const { log } = core.environment;
  const tools = WEB_TOOLS.map((tool) => hostTool(tool, host, core, account));
  await host.tool?.transform?.((editor) => {
    try {
      for (const tool of tools) editor.add(tool);
    } catch (error) {
      // opencode disables a plugin whose callback throws. Source: core `plugin.ts`.
      log("error", `The tools are missing: ${messageOf(error)}`);
    }
  });
  for (const name of OFFERS) {
    try {
      await host.session.hook(name, hideFromOthers);
    } catch (error) {
      log("debug", messageOf(error));
    }
  }
}

function hideFromOthers({ model, tools }: ShapeEvent): void {
  if (model.providerID === PROVIDER_ID || tools === undefined) return;
  for (const { name } of WEB_TOOLS) delete tools[name];
}

function hostTool(
  { name, description, required, optional, read }: WebTool,
  host: HostContext,
  core: Core,
  account: Pick<Account, "follow">,
): HostTool {
  async function run(args: unknown, { agent, id, signal }: ToolCallContext): Promise<string> {
    const call = read(args);
    if (typeof call === "string") return call;
    const ask = (permission: string) => assertAllowed(host, agent, permission, call.pattern);
    await ask(name);
    await account.follow();
    return await call.run(core.provider.access, { id: text(id) ?? "", signal }, ask);
  }
  return {
    name,
    description,
    input: {
      type: "object",
      properties: { ...required, ...optional },
      required: Object.keys(required),
      additionalProperties: false,
    },
    // Without it, a model reaches the tool through the tool `execute` only. Source: core `tool.ts`.
    options: { codemode: false },
    async execute(args, context) {
      // What a plugin's tool throws ends the turn. Source: `plugin/promise/adapter.ts`.
      const content = await run(args, context).catch(messageOf);
      return { content: inV2Words(content) };
    },
  };
}
