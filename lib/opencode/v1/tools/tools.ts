/** The tools `kimi_search` and `kimi_fetch`, as opencode 1.x takes them. */

import type { ServiceAccess } from "../../../client/tools/service.ts";
import { text } from "../../../kimi/util/json.ts";
import { WEB_TOOLS, type WebTool, type WebToolCall } from "../../tools/web_tools.ts";
import { currentFiber, permitted } from "./permission.ts";
import { type ToolParameter, toolParameter } from "./parameter.ts";
import type { Tool, ToolContext } from "../types.ts";

/** The two tools; a failure is a result that says so, and only opencode's refusal or an abort throws. */
export function webTools(access: ServiceAccess): Readonly<Record<string, Tool>> {
  return Object.fromEntries(WEB_TOOLS.map((tool) => [tool.name, {
    description: tool.description,
    args: parameters(tool),
    async execute(args: unknown, context: ToolContext) {
      const call = tool.read(args);
      if (typeof call === "string") return call;
      const ask = asking(context, call);
      await ask(tool.name);
      const { callID, abort } = context;
      return await call.run(access, { id: text(callID) ?? "", signal: abort }, ask);
    },
  }]));
}

function parameters({ required, optional }: WebTool): Readonly<Record<string, ToolParameter>> {
  const made = (schemas: typeof required, isOptional: boolean) =>
    Object.entries(schemas).map(([name, schema]) => [name, toolParameter(schema, isOptional)]);
  return Object.fromEntries([...made(required, false), ...made(optional, true)]);
}

/** Makes the function that asks for a permission; to be called before a tool waits for anything. */
function asking(context: ToolContext, { pattern, metadata }: WebToolCall) {
  const fiber = currentFiber();
  return async (permission: string): Promise<void> => {
    const request = { permission, patterns: [pattern], always: ["*"], metadata };
    await permitted(context.ask(request), fiber);
  };
}
