/** The tools `kimi_search` and `kimi_fetch`. */

import type { ServiceAccess } from "../../../client/tools/service.ts";
import { lazy } from "../../../client/net/lazy_import.ts";
import { finite, isObject, type JsonObject, text } from "../../../kimi/util/json.ts";
import { currentFiber, permitted } from "./permission.ts";
import { toolParameter } from "./parameter.ts";
import type { Tool, ToolContext } from "../types.ts";

const webPart = lazy("The tool", () => import("../../../client/tools/web_tools.ts"));

const SEARCH = "kimi_search";
const FETCH = "kimi_fetch";

/** opencode's own tool, whose permission counts if this machine fetches a page itself. */
const OWN_FETCH = "webfetch";

/** Source of the range and the default: kimi-cli 1.51.0 `tools/web/search.py`. */
const MAX_RESULTS = 20;
const RESULTS = 5;

/** The two tools; a failure is a result that says so, and only opencode's refusal or an abort throws. */
export function webTools(access: ServiceAccess): Readonly<Record<string, Tool>> {
  return {
    [SEARCH]: {
      description:
        "Searches the web with the search service of the Kimi For Coding plan. Gives the " +
        "title, date, site, URL and summary of each result.",
      args: {
        query: toolParameter({ type: "string", description: "What to search for" }),
        limit: toolParameter({
          type: "integer",
          minimum: 1,
          maximum: MAX_RESULTS,
          description: `How many results; ${RESULTS} by default`,
        }, true),
        include_content: toolParameter({
          type: "boolean",
          description: "Whether to add the text of the pages, which can be long; false by default",
        }, true),
      },
      async execute(args, context) {
        const query = text(isObject(args) ? args.query : undefined);
        if (query === undefined) return '"query" must be a text that is not empty';
        await asking(context)(SEARCH, query, { query });
        const { webSearch } = await webPart();
        return await webSearch(access, { query, ...limits(args) }, callOf(context));
      },
    },
    [FETCH]: {
      description:
        "Fetches a web page with the fetch service of the Kimi For Coding plan, or from this " +
        "machine if the service cannot. Gives the text of the page as Markdown.",
      args: {
        url: toolParameter({ type: "string", description: "The http or https URL of the page" }),
      },
      async execute(args, context) {
        const url = webUrl(isObject(args) ? args.url : undefined);
        if (url === undefined) return '"url" must be an http or https URL';
        const ask = asking(context);
        await ask(FETCH, url, { url });
        const { webFetch } = await webPart();
        const mayFetch = () => ask(OWN_FETCH, url, { url });
        return await webFetch(access, url, { ...callOf(context), mayFetch });
      },
    },
  };
}

/** Makes the function that asks for a permission; to be called before a tool waits for anything. */
function asking(context: ToolContext) {
  const fiber = currentFiber();
  return async (permission: string, pattern: string, metadata: JsonObject): Promise<void> => {
    const request = { permission, patterns: [pattern], always: ["*"], metadata };
    await permitted(context.ask(request), fiber);
  };
}

function limits(args: unknown): { readonly limit: number; readonly withContent: boolean } {
  const { limit, include_content } = isObject(args) ? args : {};
  const count = Math.round(finite(limit) ?? RESULTS);
  return {
    limit: Math.min(Math.max(count, 1), MAX_RESULTS),
    withContent: include_content === true,
  };
}

function webUrl(value: unknown): string | undefined {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

function callOf({ callID, abort }: ToolContext) {
  return { id: text(callID) ?? "", signal: abort };
}
