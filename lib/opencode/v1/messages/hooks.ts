/** What is kept with the messages of a session: the spelling of tool calls, and the addresses of videos. */

import { lazy } from "../../../client/net/lazy_import.ts";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { objectOf } from "../../../kimi/util/json.ts";
import type { MessageHookDeps } from "./kept_parts.ts";
import type { Hooks } from "../types.ts";

const keptParts = lazy("What opencode keeps", () => import("./kept_parts.ts"));

/** Makes the hooks. */
export function messageHooks(
  deps: MessageHookDeps,
): Pick<Hooks, "chat.message" | "tool.execute.after" | "experimental.chat.messages.transform"> {
  const { provider, safely } = deps;
  return {
    "chat.message": (_input, output) =>
      safely("The videos are not sent", async () => {
        if (isOurs(output.message.model)) await (await keptParts()).withVideosSent(deps, output);
      }),
    "tool.execute.after": (input, output) =>
      safely("The spelling of a tool call is lost", async () => {
        const { keepSpelling } = await keptParts();
        keepSpelling((await provider.kept()).spellings, input, output);
      }),
    "experimental.chat.messages.transform": (_input, output) =>
      safely("What was kept of a session is lost", async () => {
        const asked = output.messages.findLast(({ info }) => info.role === "user");
        if (asked === undefined || !isOurs(asked.info.model)) return;
        const { useKept } = await keptParts();
        await useKept(provider, output);
      }),
  };
}

function isOurs(model: unknown): boolean {
  return objectOf(model).providerID === PROVIDER_ID;
}
