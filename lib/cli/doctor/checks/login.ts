/** Checks auth.json, the login in it, and the lock that processes take before they refresh it. */

import { dirname } from "node:path";
import { type Credential, mintedAt } from "../../../client/tokens/credential.ts";
import { DEFAULT_SCOPE, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { objectOf, parseObject, printable } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import { HOLD_MS } from "../../../runtime/fs/lock.ts";
import { readHolder } from "../../../runtime/fs/lock_holder.ts";
import { refreshExpires } from "../../shared/refresh_expiry.ts";
import type { Machine } from "../collect/machine.ts";
import { checkMode, checkReadable, type DoctorContext, note, problem } from "./finding.ts";

/** Lifetime of a refresh token, as observed. */
const REFRESH_LIFETIME_MS = 30 * 86_400_000;

/** When the login ends, in milliseconds since 1970. */
export function loginEnd(credential: Credential): number {
  return refreshExpires(credential) ?? mintedAt(credential) + REFRESH_LIFETIME_MS;
}

function* checkLoginSource({ machine: { auth }, login }: DoctorContext) {
  const { isFile, entry, command } = login;
  const { path } = auth;
  // opencode reads an empty file as one without logins.
  const isSound = auth.state === "file" &&
    (auth.text.trim() === "" || parseObject(auth.text) !== undefined);
  yield* checkReadable("auth-unreadable", auth, ": opencode finds no login");
  if (auth.state === "file" && !isSound) {
    const what =
      `${path} does not hold a JSON object: opencode finds no login, and will overwrite the file`;
    yield problem("auth-corrupt", what, `repair it, or move it away and log in: ${command()}`);
  }
  yield* checkMode("auth-mode", auth);
  if (!isFile) {
    const name = "OPENCODE_AUTH_CONTENT";
    const what = `${name} is set: opencode reads logins from it, and not from auth.json`;
    const empty = `${what}; it does not hold a login for Kimi`;
    yield entry !== undefined
      ? note("auth-content", what)
      : problem("auth-content", empty, `unset ${name}`);
  } else if (entry === undefined && (auth.state === "missing" || isSound)) {
    const reason = isSound ? `has no entry for ${PROVIDER_ID}` : "does not exist";
    yield problem("not-logged-in", `there is no login: ${path} ${reason}`, command());
  }
}

/** Finds a folder in which neither opencode nor the plugin can store a login. */
function* checkData({ machine: { auth, isDataWritable } }: DoctorContext) {
  if (isDataWritable !== false) return;
  const folder = dirname(auth.path);
  const what = `${folder} is read-only: a login or a refreshed token cannot be stored`;
  yield problem("data-read-only", what, `make ${folder} writable for your user`);
}

function* checkLogin({ machine: { now }, login }: DoctorContext) {
  const { source, entry, credential, region, command, claims: { scope } } = login;
  const { expires, type: given } = objectOf(entry);
  const type = printable(given) || "oauth";
  if (credential === undefined && entry !== undefined) {
    const fault = type === "oauth"
      ? "lacks a token"
      : `has the type "${type}", which is not an OAuth login`;
    yield problem("login-entry", `the entry "${PROVIDER_ID}" of ${source} ${fault}`, command());
  }
  if (credential !== undefined && (!Number.isInteger(expires) || Number(expires) < 0)) {
    const what = `"expires" of the login in ${source} is not a whole number: ` +
      "opencode 1.18 ignores the login";
    yield problem("login-expires", what, command(region));
  }
  const age = credential === undefined ? 0 : now - mintedAt(credential);
  if (age > REFRESH_LIFETIME_MS) {
    const what = `the refresh token is ${duration(age)} old; it is valid for 30 days`;
    yield problem("refresh-expired", what, command(region));
  }
  if (typeof scope === "string" && !scope.split(/[\s,]+/).includes(DEFAULT_SCOPE)) {
    const what = `the scope of the access token is "${printable(scope)}", not "${DEFAULT_SCOPE}"`;
    const fix = `remove the option "scope" from opencode.json, and log in again: ${
      command(region)
    }`;
    yield problem("login-scope", what, fix);
  }
}

/** Returns the state of the lock, and the milliseconds since it was renewed. */
export function readLock({ now, lock }: Machine) {
  if (lock.state === "denied") return { state: "not looked at", age: 0 } as const;
  if (lock.state !== "folder") return { state: "free", age: 0 } as const;
  const age = now - lock.modified;
  return { state: age > HOLD_MS ? "left behind" : "held", age } as const;
}

function* checkLock({ machine }: DoctorContext) {
  const { lock } = machine;
  const { state, age } = readLock(machine);
  if (lock.state !== "folder" || state !== "left behind") return;
  const pid = lock.names.map(readHolder).find((holder) => holder !== undefined)?.pid;
  const holder = pid === undefined ? "an unknown process" : `process ${pid}`;
  const { path } = lock;
  const what = `${path} was left behind by ${holder}, which did not renew it for ${duration(age)}`;
  yield problem("lock-stale", what, `rm -r ${path}, unless opencode's next refresh removes it`);
}

export const LOGIN_CHECKS = [checkData, checkLoginSource, checkLogin, checkLock];
