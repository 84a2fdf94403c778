/** Checks auth.json, the login in it, and the lock that processes take before they refresh it. */

import { dirname } from "node:path";
import { type Credential, mintedAt } from "../../../client/tokens/credential.ts";
import { DEFAULT_SCOPE, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { isObject, parseObject, printable } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import { HOLD_MS } from "../../../runtime/fs/lock.ts";
import { readHolder } from "../../../runtime/fs/lock_holder.ts";
import { refreshExpires } from "../../shared/refresh_expiry.ts";
import type { Machine } from "../collect/machine.ts";
import { checkMode, checkReadable, type DoctorContext, note, problem } from "./finding.ts";

/** Lifetime of a refresh token, as observed. */
const REFRESH_LIFETIME_MS = 30 * 86_400_000;

/** When the login ends, in milliseconds since 1970: by the refresh token, or by its observed lifetime. */
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
    const what = `${path} does not hold a JSON object: opencode finds no login, ` +
      "and will overwrite the file";
    const fix = `repair it, or move it away and log in: ${command()}`;
    yield problem("auth-corrupt", what, fix);
  }
  yield* checkMode("auth-mode", auth);
  if (!isFile) {
    const what =
      "OPENCODE_AUTH_CONTENT is set: opencode reads logins from it, and not from auth.json";
    const empty = `${what}; it does not hold a login for Kimi`;
    yield entry !== undefined
      ? note("auth-content", what)
      : problem("auth-content", empty, "unset OPENCODE_AUTH_CONTENT");
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
  if (credential !== undefined) {
    const expires = isObject(entry) ? entry.expires : undefined;
    if (!Number.isInteger(expires) || Number(expires) < 0) {
      const what = `"expires" of the login in ${source} is not a whole number: ` +
        "opencode 1.18 ignores the login";
      yield problem("login-expires", what, command(region));
    }
    const age = now - mintedAt(credential);
    if (age > REFRESH_LIFETIME_MS) {
      const what = `the refresh token is ${duration(age)} old; it is valid for 30 days`;
      yield problem("refresh-expired", what, command(region));
    }
  } else if (entry !== undefined) {
    const type = isObject(entry) ? printable(entry.type) : "";
    const isLogin = type === "oauth" || type === "";
    const fault = isLogin ? "lacks a token" : `has the type "${type}", which is not an OAuth login`;
    const what = `the entry "${PROVIDER_ID}" of ${source} ${fault}`;
    yield problem("login-entry", what, command());
  }
  if (typeof scope === "string" && !scope.split(/[\s,]+/).includes(DEFAULT_SCOPE)) {
    const what = `the scope of the access token is "${printable(scope)}", not "${DEFAULT_SCOPE}"`;
    const again = `log in again: ${command(region)}`;
    const fix = `remove the option "scope" from opencode.json, and ${again}`;
    yield problem("login-scope", what, fix);
  }
}

type LockState = "free" | "held" | "left behind" | "not looked at";

/** Returns the state of the lock, and the milliseconds since it was renewed. */
export function readLock({ now, lock }: Machine) {
  const age = "modified" in lock ? now - lock.modified : 0;
  const taken: LockState = age > HOLD_MS ? "left behind" : "held";
  const other: LockState = lock.state === "denied" ? "not looked at" : "free";
  return { state: lock.state === "folder" ? taken : other, age };
}

/** Finds a lock that a process has left behind. */
function* checkLock({ machine }: DoctorContext) {
  const { lock } = machine;
  const holders = lock.state === "folder" ? lock.names.map(readHolder) : [];
  const pid = holders.find((holder) => holder !== undefined)?.pid;
  const holder = pid === undefined ? "an unknown process" : `process ${pid}`;
  const { state, age } = readLock(machine);
  if (state === "left behind") {
    const reason = `which did not renew it for ${duration(age)}`;
    const what = `${lock.path} was left behind by ${holder}, ${reason}`;
    const fix = `rm -r ${lock.path}, unless opencode's next refresh removes it`;
    yield problem("lock-stale", what, fix);
  }
}

export const LOGIN_CHECKS = [checkData, checkLoginSource, checkLogin, checkLock];
