/** Sends a chat to the API with identity and token, and once more after a 401. */

import type { ClientName } from "../../kimi/identity/constants.ts";
import { type Device, identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { assertTrusted } from "../../kimi/identity/hosts.ts";
import type { FetchEnvironment } from "../net/fetch_whole.ts";
import { repeatsPosts } from "../net/kept_connection.ts";
import { lazy } from "../net/lazy_import.ts";
import type { AnsweredChat } from "./error_answer.ts";
import type { Credential } from "../tokens/credential.ts";
import type { Environment } from "../environment.ts";
import type { TokenManager } from "../tokens/token_manager.ts";

/** Loads what explains errors. */
export const errorAnswers = lazy("Kimi's answer is an error", () => import("./error_answer.ts"));

interface SendOptions {
  readonly client: ClientName;
  /** The API base for a login, and the base that the caller's URLs begin with. */
  readonly base: (credential: Credential) => { readonly from: string; readonly to: string };
}

type Send = (url: string, init: RequestInit) => Promise<AnsweredChat>;

/** Creates the function that sends requests. */
export function createAuthorizedFetch(
  environment: FetchEnvironment & Pick<Environment, "device">,
  tokens: Pick<TokenManager, "current" | "renew">,
  options: SendOptions,
): Send {
  const headersOf = once((device: Device, access: string) => ({
    Accept: "application/json",
    "Content-Type": "application/json",
    ...identityHeaders(options.client, device),
    Authorization: `Bearer ${access}`,
  }));
  const target = once((given: string, credential: Credential) => {
    const { from, to } = options.base(credential);
    const url = given.startsWith(from) ? `${to}${given.slice(from.length)}` : given;
    assertTrusted(url, credential.hosts);
    return url;
  });
  const connection = repeatsPosts(environment.versions) ? { keepalive: false } : {};
  return async (given, init) => {
    const device = await environment.device(options.client);
    const attempt = async (credential: Credential) => {
      const url = target(given, credential);
      try {
        return await environment.fetch(url, {
          ...init,
          ...connection,
          headers: headersOf(device, credential.access),
          redirect: "manual",
        });
      } catch (cause) {
        if (init.signal?.aborted) throw cause;
        const part = await errorAnswers().catch(() => undefined);
        throw part?.chatFailure(cause, url, environment) ?? cause;
      }
    };
    const credential = await tokens.current(init.signal);
    const response = await attempt(credential);
    // A page with a 401 is a portal's: another token would not help.
    const isPage = () => response.headers.get("content-type")?.includes("html");
    if (response.status !== 401 || isPage()) return { response, credential };
    await response.body?.cancel();
    const renewed = await tokens.renew(credential.access, init.signal);
    return { response: await attempt(renewed), credential: renewed };
  };
}

/** Remembers the result for the last arguments: they are the same from request to request. */
function once<A extends readonly unknown[], R>(make: (...given: A) => R): (...given: A) => R {
  let last: { readonly given: A; readonly made: R } | undefined;
  return (...given) => {
    if (last !== undefined && given.every((value, at) => value === last?.given[at])) {
      return last.made;
    }
    last = { given, made: make(...given) };
    return last.made;
  };
}
