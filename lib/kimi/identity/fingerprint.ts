/** The headers that identify a client and its machine to the service. */

import { IDENTITIES } from "../clients/identities.ts";
import type { ClientName } from "./constants.ts";
import type { Device, DeviceFacts } from "./device.ts";

export type { Device, DeviceFacts };

/**
 * Returns the headers that identify a client, in the client's order: User-Agent and the six `X-Msh-`
 * headers for `kimi-cli` and `kimi-code`, User-Agent alone for `opencode`.
 *
 * @example
 * ```ts
 * import { identityHeaders } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const device = {
 *   node: "vm", system: "Linux", release: "6.1", machine: "x86_64", version: "#1 SMP",
 *   id: "0123456789abcdef0123456789abcdef",
 * };
 * assertEquals(identityHeaders("kimi-cli", device)["X-Msh-Os-Version"], "#1 SMP");
 * ```
 */
export function identityHeaders(client: ClientName, device: Device): Record<string, string> {
  return IDENTITIES[client](device);
}
