/** How kimi-cli asks for searches and pages. Source: kimi-cli 1.51.0 `tools/web/`. */

import type { ServiceForm } from "../services/form.ts";
import { printable } from "../util/json.ts";
import { asciiHeaderValue } from "./fingerprint.ts";

/** The service's own time limit for a search. */
const TIMEOUT_SECONDS = 30;

/** Requests of kimi-cli; its model's ids of tool calls go into a header. */
export const KIMI_CLI_SERVICES: ServiceForm = {
  search: ({ query, limit, withContent }) =>
    aiohttpJson({
      text_query: query,
      limit,
      enable_page_crawling: withContent,
      timeout_seconds: TIMEOUT_SECONDS,
    }),
  page: (url) => aiohttpJson({ url }),
  uploadFields: ["purpose", "file"],
  headers: (callId) => ({ "X-Msh-Tool-Call-Id": asciiHeaderValue(printable(callId)) }),
};

/** JSON as Python's `json.dumps` writes a flat object: spaces behind commas and colons, and ASCII alone. */
function aiohttpJson(members: Readonly<Record<string, string | number | boolean>>): string {
  const written = Object.entries(members).map(([key, value]) => `"${key}": ${asciiJson(value)}`);
  return `{${written.join(", ")}}`;
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => unit === "\x7f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
