/** The hooks of a chat by themselves: from a native body to the bytes that are sent. */

import type { ClientName } from "../../../lib/kimi/identity/constants.ts";
import { readOptions } from "../../../lib/kimi/plugin_options.ts";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { createChatHooks } from "../../../lib/opencode/v2/chat/hooks.ts";
import { type Core, createCore } from "../../../lib/opencode/v2/core.ts";
import { fromRow, type RowLogin } from "../../../lib/opencode/v2/login/row.ts";
import type { HttpRequestEvent } from "../../../lib/opencode/v2/types.ts";
import { type FakeEnvironment, fakeEnvironment, NOW } from "../../support/environment.ts";

/** The row in use. */
export const ROW = {
  type: "oauth",
  methodID: "oauth",
  access: "SECRET-a0",
  refresh: "SECRET-r0",
  expires: NOW + 900_000,
} as const;

export const URL = "https://api.kimi.com/coding/v1/chat/completions";

/** A folder of which nothing is known but its row. */
export function folder(row: () => Promise<RowLogin | undefined>) {
  return { row, models: () => Promise.resolve() };
}

/** An event of `http.request`. */
export function requestEvent(
  body: string,
  given: Partial<Omit<HttpRequestEvent, "request">> & {
    readonly url?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): HttpRequestEvent {
  const { url = URL, headers, ...event } = given;
  return {
    sessionID: "ses_1",
    model: { id: "kimi-for-coding", providerID: "kimi-for-coding-oauth" },
    kind: "primary",
    request: new Request(url, {
      method: "POST",
      body,
      headers: {
        Authorization: `Bearer ${ROW.access}`,
        "User-Agent": "opencode/2.2.0",
        traceparent: "00-0",
        ...headers,
      },
    }),
    ...event,
  };
}

/** The hooks with a login, and what they stand on. */
export async function nativeHooks(client: ClientName = "kimi-cli") {
  const environment: FakeEnvironment = fakeEnvironment();
  const { options } = readOptions({ client });
  const core: Core = createCore(environment, options, createRefreshMemory());
  await core.ready();
  const row = fromRow(ROW);
  if (row !== undefined) await core.logins.follow(row);
  const hooks = createChatHooks(core, folder(() => Promise.resolve(row)));
  return {
    ...{ environment, core, hooks },
    /** The text that is sent for a native body. */
    async send(body: string, given: Parameters<typeof requestEvent>[1] = {}): Promise<string> {
      const event = requestEvent(body, given);
      await hooks.onRequest(event);
      return await event.request.text();
    },
  };
}
