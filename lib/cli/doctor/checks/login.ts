/**
 * What may be wrong with the login: auth.json and its entry.
 *
 * @module
 */

import type { Credential } from "../../../client/tokens/credential.ts";
import { DEFAULT_SCOPE, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { isObject, parseObject, printable } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import type { Examination, Login } from "../diagnosis.ts";
import { type Finding, modeFinding, note, problem, unreadableCure } from "./finding.ts";
import type { Machine } from "../collect/machine.ts";

/** Lifetime of a refresh token. Source: the service's tokens (`shared/facts/kimi-api.md`). */
const REFRESH_LIFETIME_MS = 30 * 86_400_000;

/**
 * Looks for what is wrong with the login.
 *
 * @param examination What follows from what was seen.
 * @returns The findings.
 */
export function loginFindings({ machine, login }: Examination): readonly Finding[] {
  return [
    ...fileFindings(machine),
    ...contentFindings(machine, login),
    ...entryFindings(machine, login),
  ];
}

function fileFindings({ auth: { path, sighting } }: Machine): readonly Finding[] {
  if (sighting.state === "folder") {
    return problem(
      "auth-folder",
      `${path} is a folder: opencode can keep no login`,
      `move it away, and log in: ${loginCommand()}`,
    );
  }
  if (sighting.state === "unreadable") {
    const what = `${path} cannot be read (${sighting.code}): opencode sees no login`;
    return problem("auth-unreadable", what, unreadableCure(sighting.code, path));
  }
  if (sighting.state !== "file") return [];
  const { text, mode } = sighting;
  return [
    ...(text.trim() === "" || parseObject(text) !== undefined ? [] : problem(
      "auth-corrupt",
      `${path} holds no JSON object: opencode sees no login in it, and its next one overwrites it`,
      `repair it, or move it away and log in: ${loginCommand()}`,
    )),
    ...modeFinding("auth-mode", path, mode),
  ];
}

function contentFindings({ variables }: Machine, { entry }: Login): readonly Finding[] {
  if (!variables.OPENCODE_AUTH_CONTENT) return [];
  const what =
    "OPENCODE_AUTH_CONTENT is set: opencode reads logins from it, and not from auth.json";
  if (entry !== undefined) return note("auth-content", what);
  return problem("auth-content", `${what}; it holds none for Kimi`, "unset OPENCODE_AUTH_CONTENT");
}

function entryFindings(machine: Machine, login: Login): readonly Finding[] {
  const { entry, credential, source } = login;
  const { path, sighting } = machine.auth;
  const where = source === "auth.json" ? path : source;
  if (entry === undefined) {
    if (source !== "auth.json") return [];
    if (sighting.state === "missing") {
      return problem("not-logged-in", `there is no login: ${path} is not there`, loginCommand());
    }
    const isReadable = sighting.state === "file" &&
      (sighting.text.trim() === "" || parseObject(sighting.text) !== undefined);
    return isReadable
      ? problem(
        "not-logged-in",
        `there is no login: ${path} has no entry for ${PROVIDER_ID}`,
        loginCommand(),
      )
      : [];
  }
  if (credential === undefined) {
    const type = isObject(entry) ? printable(entry.type) : "";
    const what = type === "oauth" || type === ""
      ? "lacks a token"
      : `is of the type "${type}", which is none of an OAuth login`;
    return problem("login-entry", `the entry "${PROVIDER_ID}" of ${where} ${what}`, loginCommand());
  }
  return tokenFindings(machine.now, login, credential, where);
}

function tokenFindings(
  now: number,
  { entry, claims, region }: Login,
  credential: Credential,
  where: string,
): readonly Finding[] {
  const expires = isObject(entry) ? entry.expires : undefined;
  const isWhole = Number.isInteger(expires) && Number(expires) >= 0;
  const age = now - mintedAt(credential);
  const scope = typeof claims.scope === "string" ? claims.scope : undefined;
  const isOurs = scope === undefined || scope.split(/[\s,]+/).includes(DEFAULT_SCOPE);
  return [
    ...(isWhole ? [] : problem(
      "login-expires",
      `"expires" of the login in ${where} is no whole number: opencode 1.18 does not see the login`,
      loginCommand(region),
    )),
    ...(age <= REFRESH_LIFETIME_MS ? [] : problem(
      "refresh-expired",
      `the refresh token is ${duration(age)} old; it is good for 30 days`,
      loginCommand(region),
    )),
    ...(isOurs ? [] : problem(
      "login-scope",
      `the access token's scope is "${printable(scope)}", not "${DEFAULT_SCOPE}"`,
      `take the option "scope" out of opencode.json, and log in again: ${loginCommand(region)}`,
    )),
  ];
}

/**
 * When both tokens of a login were minted: a refresh renews both.
 *
 * @param credential The login.
 * @returns Milliseconds since 1970.
 */
export function mintedAt({ ownExpires, expires, lifetime }: Credential): number {
  return (ownExpires ?? expires) - lifetime * 1000;
}
