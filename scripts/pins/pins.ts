/** The outside programs that this project is pinned to. */

import { KIMI_CLI_VERSION, KIMI_CODE_VERSION } from "../../lib/kimi/identity/constants.ts";
import type { RealClientName } from "../../tests/support/clients/real_client.ts";
import { OPENCODE_VERSIONS } from "../../tests/support/tools.ts";

/** A program, and the release of it that is pinned. */
export interface Pin {
  readonly name: RealClientName | "opencode";
  readonly registry: "npm" | "PyPI";
  /** Its name in the registry. */
  readonly package: string;
  readonly pinned: string;
  /** The constant to change. */
  readonly constant: string;
  /** A newer release that was looked at, and why the pin stays. */
  readonly skipped?: { readonly release: string; readonly why: string };
}

const CONSTANTS = "lib/kimi/identity/constants.ts";

export const PINS: readonly Pin[] = [
  {
    name: "kimi-cli",
    registry: "PyPI",
    package: "kimi-cli",
    pinned: KIMI_CLI_VERSION,
    constant: `KIMI_CLI_VERSION in ${CONSTANTS}`,
    skipped: { release: "1.52.0", why: "it only reports its retirement" },
  },
  {
    name: "kimi-code",
    registry: "npm",
    package: "@moonshot-ai/kimi-code",
    pinned: KIMI_CODE_VERSION,
    constant: `KIMI_CODE_VERSION in ${CONSTANTS}`,
  },
  {
    name: "opencode",
    registry: "npm",
    package: "opencode-ai",
    pinned: OPENCODE_VERSIONS[1],
    constant: "OPENCODE_VERSIONS in tests/support/tools.ts",
  },
];
