/** A row of opencode's table of credentials, as a login: it mirrors the one in auth.json. */

import { type Credential, fromAuthEntry, toAuthEntry } from "../../../client/tokens/credential.ts";
import { regionOf, REGIONS } from "../../../kimi/identity/regions.ts";
import { V2_METHODS } from "../../../kimi/identity/v2_login.ts";
import { objectOf, text } from "../../../kimi/util/json.ts";
import { accountId } from "../../../kimi/util/jwt.ts";
import type { OAuthRow } from "../types.ts";

/** The one key of a row's metadata: opencode takes each key for a setting of the provider. */
const METADATA_KEY = "kimiForCoding";

/** A login of a row. */
export interface RowLogin {
  readonly credential: Credential;
  /** Whether another login belongs to the same account, as far as the row tells. */
  readonly isOf: (login: Credential) => boolean;
}

/** Reads a row; undefined if it holds no login. */
export function fromRow(row: unknown): RowLogin | undefined {
  const { metadata, methodID, ...entry } = objectOf(row);
  const told = text(objectOf(objectOf(metadata)[METADATA_KEY]).hosts);
  const isTold = METADATA_KEY in objectOf(metadata);
  const { oauth, api } = REGIONS.ai;
  const enterpriseUrl = told ?? (methodID === V2_METHODS.ai ? `${oauth} ${api}` : undefined);
  const credential = fromAuthEntry({ ...entry, enterpriseUrl });
  if (credential === undefined) return undefined;
  return {
    credential,
    // An imported row does not tell its region.
    isOf: (login) =>
      accountId(login.access) === accountId(credential.access) &&
      ((!isTold && enterpriseUrl === undefined) ||
        regionOf(login.hosts) === regionOf(credential.hosts)),
  };
}

/** Makes the row of a login. */
export function toRow(login: Credential, methodID?: string): OAuthRow {
  const { enterpriseUrl, expires, ...entry } = toAuthEntry(login);
  const region = regionOf(login.hosts);
  const told = {
    ...(region === undefined ? {} : { region }),
    ...(enterpriseUrl === undefined ? {} : { hosts: enterpriseUrl }),
  };
  return {
    ...entry,
    methodID: methodID ?? V2_METHODS[region ?? "com"],
    expires: Math.max(0, expires),
    metadata: { [METADATA_KEY]: told },
  };
}
