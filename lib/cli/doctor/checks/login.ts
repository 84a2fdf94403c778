/** Checks auth.json and the login in it. */

import { mintedAt } from "../../../client/tokens/credential.ts";
import { DEFAULT_SCOPE, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { isObject, parseObject, printable } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import { type Check, checkMode, fixUnreadable, note, problem } from "./finding.ts";

/** Lifetime of a refresh token, as observed. */
const REFRESH_LIFETIME_MS = 30 * 86_400_000;

const checkFile: Check = ({ machine: { auth } }) => {
  const { path } = auth;
  switch (auth.state) {
    case "folder":
      return problem(
        "auth-folder",
        `${path} is a folder: opencode cannot store a login`,
        `move it away, and log in: ${loginCommand()}`,
      );
    case "unreadable": {
      const what = `${path} cannot be read (${auth.code}): opencode finds no login`;
      return problem("auth-unreadable", what, fixUnreadable(auth.code, path));
    }
    case "file":
      return isSound(auth.text) ? [] : problem(
        "auth-corrupt",
        `${path} does not hold a JSON object: opencode finds no login, and will overwrite the file`,
        `repair it, or move it away and log in: ${loginCommand()}`,
      );
    default:
      return [];
  }
};

/** opencode reads an empty file as one without logins. */
function isSound(text: string): boolean {
  return text.trim() === "" || parseObject(text) !== undefined;
}

const checkFileMode: Check = ({ machine: { auth } }) =>
  auth.state === "file" ? checkMode("auth-mode", auth.path, auth.mode) : [];

const checkVariable: Check = ({ login: { isFile, entry } }) => {
  if (isFile) return [];
  const what =
    "OPENCODE_AUTH_CONTENT is set: opencode reads logins from it, and not from auth.json";
  if (entry !== undefined) return note("auth-content", what);
  const fix = "unset OPENCODE_AUTH_CONTENT";
  return problem("auth-content", `${what}; it does not hold a login for Kimi`, fix);
};

const checkLoggedIn: Check = ({ machine: { auth }, login: { isFile, entry } }) => {
  if (!isFile || entry !== undefined) return [];
  const reason = auth.state === "missing"
    ? `${auth.path} does not exist`
    : auth.state === "file" && isSound(auth.text)
    ? `${auth.path} has no entry for ${PROVIDER_ID}`
    : undefined;
  return reason === undefined
    ? []
    : problem("not-logged-in", `there is no login: ${reason}`, loginCommand());
};

const checkEntry: Check = ({ login: { source, entry, credential } }) => {
  if (entry === undefined || credential !== undefined) return [];
  const type = isObject(entry) ? printable(entry.type) : "";
  const what = type === "oauth" || type === ""
    ? "lacks a token"
    : `has the type "${type}", which is not an OAuth login`;
  return problem("login-entry", `the entry "${PROVIDER_ID}" of ${source} ${what}`, loginCommand());
};

const checkExpires: Check = ({ login: { source, entry, credential, region } }) => {
  const expires = isObject(entry) ? entry.expires : undefined;
  if (credential === undefined || (Number.isInteger(expires) && Number(expires) >= 0)) return [];
  return problem(
    "login-expires",
    `"expires" of the login in ${source} is not a whole number: opencode 1.18 ignores the login`,
    loginCommand(region),
  );
};

const checkRefreshToken: Check = ({ machine: { now }, login: { credential, region } }) => {
  const age = credential === undefined ? 0 : now - mintedAt(credential);
  if (age <= REFRESH_LIFETIME_MS) return [];
  const what = `the refresh token is ${duration(age)} old; it is valid for 30 days`;
  return problem("refresh-expired", what, loginCommand(region));
};

const checkScope: Check = ({ login: { claims: { scope }, region } }) => {
  if (typeof scope !== "string" || scope.split(/[\s,]+/).includes(DEFAULT_SCOPE)) return [];
  return problem(
    "login-scope",
    `the scope of the access token is "${printable(scope)}", not "${DEFAULT_SCOPE}"`,
    `remove the option "scope" from opencode.json, and log in again: ${loginCommand(region)}`,
  );
};

export const LOGIN_CHECKS: readonly Check[] = [
  checkFile,
  checkFileMode,
  checkVariable,
  checkLoggedIn,
  checkEntry,
  checkExpires,
  checkRefreshToken,
  checkScope,
];
