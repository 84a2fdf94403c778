/** The tools `kimi_search` and `kimi_fetch`, in no host's form. */

import { lazy } from "../../client/net/lazy_import.ts";
import type { ServiceAccess, ToolCall } from "../../client/tools/service.ts";
import { finite, type JsonObject, objectOf, text } from "../../kimi/util/json.ts";

const webPart = lazy("The tool", () => import("../../client/tools/web_tools.ts"));

/** Source of the range and the default: kimi-cli 1.51.0 `tools/web/search.py`. */
const MAX_RESULTS = 20;
const RESULTS = 5;

/** A tool. */
export interface WebTool {
  /** Its permission has the same name. */
  readonly name: string;
  readonly description: string;
  readonly required: Readonly<Record<string, JsonObject>>;
  readonly optional: Readonly<Record<string, JsonObject>>;
  /** Reads the arguments of a call; a text says what is wrong with them. */
  readonly read: (args: unknown) => WebToolCall | string;
}

/** A call whose arguments are right. */
export interface WebToolCall {
  /** What the permission is asked for. */
  readonly pattern: string;
  readonly metadata: JsonObject;
  /** Runs it; a failure is a result that says so, and only an abort throws, or what `ask` throws. */
  readonly run: (access: ServiceAccess, call: ToolCall, ask: Ask) => Promise<string>;
}

/** Waits for another permission for the same pattern; rejects if it is not given. */
export type Ask = (permission: string) => Promise<void>;

/** opencode's own tool, whose permission counts if this machine fetches a page itself. */
const OWN_FETCH = "webfetch";

/** The two tools. */
export const WEB_TOOLS: readonly WebTool[] = [
  {
    name: "kimi_search",
    description:
      "Searches the web with the search service of the Kimi For Coding plan. Gives the " +
      "title, date, site, URL and summary of each result.",
    required: { query: { type: "string", description: "What to search for" } },
    optional: {
      limit: {
        type: "integer",
        minimum: 1,
        maximum: MAX_RESULTS,
        description: `How many results; ${RESULTS} by default`,
      },
      include_content: {
        type: "boolean",
        description: "Whether to add the text of the pages, which can be long; false by default",
      },
    },
    read(args) {
      const query = text(objectOf(args).query);
      if (query === undefined) return '"query" must be a text that is not empty';
      return {
        pattern: query,
        metadata: { query },
        async run(access, call) {
          const { webSearch } = await webPart();
          return await webSearch(access, { query, ...limits(args) }, call);
        },
      };
    },
  },
  {
    name: "kimi_fetch",
    description: "Fetches a web page with the fetch service of the Kimi For Coding plan, or from " +
      "this machine if the service cannot. Gives the text of the page as Markdown.",
    required: { url: { type: "string", description: "The http or https URL of the page" } },
    optional: {},
    read(args) {
      const url = webUrl(objectOf(args).url);
      if (url === undefined) return '"url" must be an http or https URL';
      return {
        pattern: url,
        metadata: { url },
        async run(access, call, ask) {
          const { webFetch } = await webPart();
          return await webFetch(access, url, { ...call, mayFetch: () => ask(OWN_FETCH) });
        },
      };
    },
  },
];

function limits(args: unknown): { readonly limit: number; readonly withContent: boolean } {
  const { limit, include_content } = objectOf(args);
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
