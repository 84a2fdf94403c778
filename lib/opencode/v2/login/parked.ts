/** Logins of other accounts, which wait in auth.json until their row is in use again. */

import { accountId } from "../../../kimi/util/jwt.ts";
import { readLogin, replaceEntry } from "../../../client/auth_json/edit.ts";
import type { SharedFile } from "../../../client/environment.ts";
import {
  type Credential,
  fromAuthEntry,
  mintedAt,
  toAuthEntry,
} from "../../../client/tokens/credential.ts";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { regionOf } from "../../../kimi/identity/regions.ts";
import { objectOf, parseObject } from "../../../kimi/util/json.ts";

/** Ids of the entries that they wait in: the provider's with a number. */
const SLOT = new RegExp(`^${PROVIDER_ID}\\.[2-9]\\d*$`);

/** Whether two logins belong to one account. */
function isSame(first: Credential, second: Credential): boolean {
  return accountId(first.access) === accountId(second.access) &&
    regionOf(first.hosts) === regionOf(second.hosts);
}

/** The logins that wait, by the id of their entry. */
function waiting(text: string | undefined): readonly (readonly [string, Credential])[] {
  const entries = objectOf(parseObject(text ?? ""));
  return Object.keys(entries).filter((id) => SLOT.test(id)).flatMap((id) => {
    const login = fromAuthEntry(entries[id]);
    return login === undefined ? [] : [[id, login] as const];
  });
}

/** Finds the newest login that waits for a row. */
export function parkedLogin(
  text: string | undefined,
  isOf: (login: Credential) => boolean,
): Credential | undefined {
  return waiting(text).map(([, login]) => login).filter(isOf)
    .toSorted((first, second) => mintedAt(second) - mintedAt(first))[0];
}

/**
 * Makes a file that keeps the login of another account whenever a new one takes its place: nothing else has
 * its tokens.
 */
export function parking(file: SharedFile): SharedFile {
  return {
    ...file,
    replace: (text, over) => file.replace(parkOther(text, over?.text), over),
  };
}

/** Adds to a text of auth.json the login that was in use before, if that is of another account. */
export function parkOther(text: string, before: string | undefined): string {
  const [kept, next] = [readLogin(before), readLogin(text)];
  if (kept === undefined || next === undefined || isSame(kept, next)) return text;
  const slots = waiting(text);
  const own = [kept, next].map((login) => slots.find(([, other]) => isSame(other, login)));
  const [id = freeSlot(text)] = own.find((slot) => slot !== undefined) ?? [];
  return replaceEntry(text, id, toAuthEntry(kept));
}

function freeSlot(text: string): string {
  const entries = objectOf(parseObject(text));
  let number = 2;
  while (`${PROVIDER_ID}.${number}` in entries) number++;
  return `${PROVIDER_ID}.${number}`;
}
