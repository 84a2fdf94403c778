/** The real client of the service as a program. */

import type { ClientName } from "../../../lib/kimi/identity/constants.ts";

/** The clients that are programs of their own. */
export type RealClientName = Exclude<ClientName, "opencode">;

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
