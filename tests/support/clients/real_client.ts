/** The real client of the service as a program. */

import type { RealClientName } from "../../../lib/kimi/deviations.ts";
import { KIMI_CLI_VERSION, KIMI_CODE_VERSION } from "../../../lib/kimi/identity/constants.ts";

export type { RealClientName };

/** The release of each that is reproduced. */
export const PINNED: Readonly<Record<RealClientName, string>> = {
  "kimi-cli": KIMI_CLI_VERSION,
  "kimi-code": KIMI_CODE_VERSION,
};

/** A fake Kimi. */
export interface Service {
  readonly url: string;
  readonly apiBase: string;
}

/** An installed client. */
export interface RealClient {
  readonly name: RealClientName;
  readonly version: string;
  readonly program: string;
  /** Arguments that log in. */
  readonly login: readonly string[];
  /** Arguments that ask a question, in a new session or in the last one. */
  readonly ask: (question: string, again: boolean) => readonly string[];
  /**
   * Its whole environment: nothing of the user's, no telemetry, and only this service. The device id is
   * in the folder that it has below `deviceHome`.
   */
  readonly environment: (
    home: string,
    service: Service,
    deviceHome?: string,
  ) => Record<string, string>;
}
