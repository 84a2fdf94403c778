/**
 * The shape of what doctor tells: what `--json` prints, and what the text is made of.
 *
 * @module
 */

import type { ClientName } from "../../../kimi/identity/constants.ts";
import type { Deviation } from "../../../kimi/deviations.ts";
import type { Model } from "../../../kimi/models/catalog.ts";
import type { Sourced } from "../diagnosis.ts";
import type { Finding } from "../checks/finding.ts";
import type { LockState } from "../checks/lock.ts";
import type { NotLookedAt } from "../collect/machine.ts";
import type { Answered } from "../online.ts";
import type { SampleRequest } from "./sample_request.ts";

/** The login, without its tokens. */
export interface LoginReport {
  /** Where it is kept. */
  readonly source: string;
  /** Whether there is one that can be used. */
  readonly state: "present" | "absent" | "not looked at";
  /** `com` or `ai`; null without a login, or where its hosts are not Kimi's. */
  readonly region: string | null;
  /** Seconds until the access token expires, below 0 once it has; null without a login. */
  readonly accessExpiresIn: number | null;
  /** Seconds since the refresh token was minted; null without a login. */
  readonly refreshAge: number | null;
  /** What the access token says of itself; of the account's ids, only with `--full`. */
  readonly claims: Readonly<Record<string, string>>;
  /** The lock of refreshes. */
  readonly lock: LockState;
}

/** opencode and its configuration. */
export interface OpencodeReport {
  /** The release that ran last; null where nothing tells. */
  readonly version: string | null;
  /** The places of its configuration at which there is something. */
  readonly configuration: readonly string[];
  /** Entries for this plugin and for other ones of Kimi. */
  readonly plugins: readonly {
    readonly spec: string;
    readonly where: string;
    readonly installed: string | null;
  }[];
  /** Its other plugins: how many, and with `--full` which. */
  readonly otherPlugins: number | readonly string[];
  /** Whether the user's configuration has an entry for the provider. */
  readonly hasProviderEntry: boolean;
}

/** What the service answered. */
export interface OnlineReport {
  /** The OAuth host. */
  readonly oauth: Answered;
  /** The API. */
  readonly api: Answered;
  /** Seconds that this machine's clock is ahead; null where no answer tells. */
  readonly clockAhead: number | null;
  /** The account's models; one with a `protocol` is left out; null where the service did not list them. */
  readonly models: readonly Model[] | null;
}

/** An identity header, and where its value comes from. */
export interface Header {
  /** Its name. */
  readonly name: string;
  /** Its value, masked or not; null where it is not known. */
  readonly value: string | null;
  /** Where it comes from. */
  readonly source: string;
}

/** All that doctor tells. */
export interface DoctorReport {
  /** Version of this doctor, and of the plugin that it was built with. */
  readonly version: string;
  /** Where it runs. */
  readonly runtime: string;
  /** The release of kimi-cli that is reproduced. */
  readonly kimiCli: string;
  /** Whose identity is sent. */
  readonly client: ClientName;
  /** The identity headers; a value is null where it is not known. */
  readonly headers: readonly Header[];
  /** The hosts. */
  readonly hosts: readonly Sourced[];
  /** The login. */
  readonly login: LoginReport;
  /** opencode. */
  readonly opencode: OpencodeReport;
  /** What the service answered; absent unless it was asked. */
  readonly online?: OnlineReport;
  /** A sample chat request; absent unless it was wanted. */
  readonly request?: SampleRequest;
  /** What deliberately differs from kimi-cli. */
  readonly deviations: readonly Deviation[];
  /** What could not be looked at. */
  readonly notLookedAt: readonly NotLookedAt[];
  /** What is wrong, and what is worth knowing. */
  readonly findings: readonly Finding[];
}
