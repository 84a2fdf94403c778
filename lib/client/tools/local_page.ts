/** Fetches a page from this machine, within the limits of opencode's own `webfetch`. */

import { htmlText } from "../../kimi/services/html_text.ts";
import { PACKAGE_NAME, VERSION } from "../../kimi/identity/constants.ts";
import type { FetchEnvironment } from "../net/fetch_whole.ts";
import { withDeadline } from "../net/timeout.ts";

/** Source of both: opencode 1.18 `tool/webfetch.ts`. */
const TIMEOUT_MS = 30_000;
const MAX_BYTES = 5 * 1024 * 1024;

const HEADERS = {
  Accept: "text/markdown, text/plain;q=0.9, text/html;q=0.8, */*;q=0.1",
  "User-Agent": `Mozilla/5.0 (compatible; ${PACKAGE_NAME}/${VERSION})`,
};

/** The text of a page; throws a built-in error that says what happened. */
export async function localPage(
  { fetch }: Pick<FetchEnvironment, "fetch">,
  url: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  // Bun and Deno fetch files of this machine too.
  if (!/^https?:/i.test(url)) throw new TypeError("it is not an http or https URL");
  return await withDeadline(TIMEOUT_MS, signal, async (signal) => {
    const response = await fetch(url, { headers: HEADERS, signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status} from ${new URL(url).host}`);
    }
    const type = response.headers.get("content-type")?.toLowerCase() ?? "text/plain";
    if (!/^(?:text\/|application\/(?:.*\+)?(?:json|xml|xhtml))/.test(type)) {
      await response.body?.cancel();
      throw new TypeError(`it is not text, but ${type}`);
    }
    const text = await limitedText(response);
    return type.includes("html") ? htmlText(text) : text;
  });
}

async function limitedText({ body }: Response): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    // Leaving the loop cancels the body.
    if (length > MAX_BYTES) throw new RangeError("it is larger than 5 MB");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
