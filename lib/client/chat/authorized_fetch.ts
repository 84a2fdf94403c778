/**
 * Sends a request to the API with identity and token, and once more after a 401.
 *
 * @module
 */

import type { ClientName } from "../../kimi/identity/constants.ts";
import { type Device, identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { assertTrusted } from "../../kimi/identity/hosts.ts";
import type { AnsweredChat } from "./error_answer.ts";
import type { Credential } from "../tokens/credential.ts";
import type { Environment } from "../environment.ts";
import type { TokenSource } from "../tokens/token_source.ts";

/** Where a request goes, and as whom. */
export interface SendOptions {
  /** Whose identity to send. */
  readonly client: ClientName;
  /** The API base for a login, and the one that opencode's URLs begin with. */
  readonly base: (credential: Credential) => { readonly from: string; readonly to: string };
}

/** Sends a request. */
export type Send = (url: string, init: RequestInit) => Promise<AnsweredChat>;

/**
 * Makes what sends requests.
 *
 * @param environment Network and device.
 * @param tokens Where tokens come from.
 * @param options Where a request goes, and as whom.
 * @returns It.
 */
export function createAuthorizedFetch(
  environment: Pick<Environment, "fetch" | "device">,
  tokens: TokenSource,
  options: SendOptions,
): Send {
  const identityOf = once((device: Device) => identityHeaders(options.client, device));
  const target = once((given: string, credential: Credential) => {
    const { from, to } = options.base(credential);
    const url = given.startsWith(from) ? `${to}${given.slice(from.length)}` : given;
    assertTrusted(url, credential.hosts);
    return url;
  });
  return async (given, init) => {
    const identity = identityOf(await environment.device());
    const attempt = (credential: Credential) =>
      environment.fetch(target(given, credential), {
        ...init,
        headers: {
          Accept: "application/json",
          "Content-Type": "application/json",
          ...identity,
          Authorization: `Bearer ${credential.access}`,
        },
        redirect: "manual",
      });
    const credential = await tokens.current(init.signal);
    const response = await attempt(credential);
    if (response.status !== 401) return { response, credential };
    await response.body?.cancel();
    const renewed = await tokens.renew(credential.access, init.signal);
    return { response: await attempt(renewed), credential: renewed };
  };
}

/** Remembers what came of the last arguments: from request to request they are the same. */
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
