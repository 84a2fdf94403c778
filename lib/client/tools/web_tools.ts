/** The plan's web search and page fetch, as tools of a model: a failure is a result that says so. */

import { SERVICES } from "../../kimi/clients/services.ts";
import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import type { SearchQuery } from "../../kimi/services/form.ts";
import { searchText, shortened } from "../../kimi/services/search_results.ts";
import { parseObject } from "../../kimi/util/json.ts";
import { localPage } from "./local_page.ts";
import { askService, type ServiceAccess, type ToolCall } from "./service.ts";

/** Searching can take the service 30 s, and reading the pages longer. Source: kimi-cli 1.51.0. */
const SEARCH = { doing: "Search", path: "/search", accept: "*/*", timeout: 180_000 };
const FETCH = { doing: "Fetch", path: "/fetch", accept: "text/markdown", timeout: 60_000 };

/** Characters of a page. */
const MAX_PAGE = 100_000;

/** Searches the web; only an abort throws. */
export async function webSearch(
  access: ServiceAccess,
  query: SearchQuery,
  call: ToolCall,
): Promise<string> {
  const request = { ...SEARCH, body: SERVICES[access.client].search(query) };
  try {
    const answer = parseObject(await askService(access, request, call));
    return (answer && searchText(answer)) ??
      "The search failed: the service's answer holds no results.";
  } catch (error) {
    return failed("The search failed", error, call);
  }
}

/** Reads a page: Kimi's service first, then this machine itself; only an abort or a refusal throws. */
export async function webFetch(
  access: ServiceAccess,
  url: string,
  call: ToolCall,
): Promise<string> {
  const request = { ...FETCH, body: SERVICES[access.client].page(url) };
  let reason: string;
  try {
    const page = await askService(access, request, call);
    if (page.trim() !== "") return shortened(page, MAX_PAGE);
    reason = "The service sent an empty page";
  } catch (error) {
    reason = failed("The service did not fetch it", error, call);
  }
  await call.mayFetch?.();
  try {
    return shortened(await localPage(access.environment, url, call.signal), MAX_PAGE);
  } catch (error) {
    return `${failed("The page could not be fetched", error, call)}\n${reason}`;
  }
}

/** A line for the model; an abort is thrown on. */
function failed(what: string, error: unknown, { signal }: ToolCall): string {
  if (signal?.aborted || (error instanceof KimiError && error.code === "aborted")) throw error;
  return `${what}: ${messageOf(error)}`;
}
