/** The identity headers of each client. */

import { type ClientName, USER_AGENTS } from "../identity/constants.ts";
import type { Device } from "../identity/device.ts";
import { fingerprint } from "../kimi_cli/fingerprint.ts";
import { fingerprint as kimiCodeFingerprint } from "../kimi_code/fingerprint.ts";

/** Functions that return all identity headers, User-Agent first, by name of the client. */
export const IDENTITIES: Readonly<Record<ClientName, (device: Device) => Record<string, string>>> =
  {
    "kimi-cli": fingerprint,
    "kimi-code": kimiCodeFingerprint,
    opencode: () => ({ "User-Agent": USER_AGENTS.opencode }),
  };
