/** What a user can send in place of the identity that was refused. */

import type { ClientName } from "../identity/constants.ts";

/** The service's words for a client whose identity it refuses, at a login as in a chat. */
export const IDENTITY_REFUSED = /only available for coding agents/i;

/** The identities to try, the best first. */
const TRIED: readonly (readonly [client: ClientName, what: string])[] = [
  ["kimi-code", "that of Kimi's current client"],
  ["opencode", "our own name"],
];

/** Names the clients to try, but not the one in force. */
export function otherClients(inForce?: ClientName): string {
  return TRIED.filter(([client]) => client !== inForce)
    .map(([client, what]) => `"client": "${client}" to send ${what}`).join(", or ");
}
