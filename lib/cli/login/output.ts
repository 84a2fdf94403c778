/** The output of `login`: text for a person, or events for a program. */

import type { Credential } from "../../client/tokens/credential.ts";
import { type ClientName, DEFAULT_CLIENT } from "../../kimi/identity/constants.ts";
import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import type { DeviceAuthorization } from "../../kimi/oauth/grants.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import { localTime } from "../../runtime/clock.ts";
import { denialOf } from "../shared/deno_permissions.ts";
import { qrLines } from "./qr.ts";
import { refreshExpires } from "../shared/refresh_expiry.ts";
import { styled, type Terminal, wrapped } from "../shared/terminal.ts";
import { inCommandWords } from "../shared/words.ts";
import { eachSecond, showCountdown, type Ticker } from "./countdown.ts";

/** A credential, and the file that stores it. */
interface StoredCredential {
  readonly path: string;
  /** Whether opencode reads the file. */
  readonly isOpencodes: boolean;
  readonly credential: Credential;
}

/** Called at each step of a login. */
export interface LoginOutput {
  readonly alreadyLoggedIn: (stored: StoredCredential) => void;
  /** Warns of the risk and asks the user to confirm; `expires` in milliseconds since 1970. */
  readonly confirm: (authorization: DeviceAuthorization, expires: number) => void;
  readonly browserFailed: (problem: string) => void;
  /** Shows that the login waits; the returned function ends that. */
  readonly waiting: (secondsLeft: () => number) => () => void;
  readonly loggedIn: (stored: StoredCredential) => void;
  readonly failed: (error: unknown) => void;
}

/** Prints events as JSON, one per line, on standard output. No event holds a token. */
export function createEventOutput({ out, err }: Terminal, client: ClientName): LoginOutput {
  const emit = (event: string, members: Readonly<Record<string, unknown>>) =>
    out.write(`${JSON.stringify({ event, ...members })}\n`);
  const members = ({ path, credential }: StoredCredential) => {
    const until = refreshExpires(credential);
    const loginExpiresAt = until === undefined ? undefined : new Date(until);
    return { path, accessExpiresAt: new Date(credential.expires), loginExpiresAt };
  };
  return {
    alreadyLoggedIn: (stored) => emit("already_logged_in", members(stored)),
    confirm({ verificationUri, userCode }, expires) {
      err.write(`${wrapped(err, RISKS[client])}\n`);
      emit("confirm", { verificationUri, userCode, expiresAt: new Date(expires) });
    },
    browserFailed: () => {},
    waiting: () => () => {},
    loggedIn: (stored) => emit("logged_in", members(stored)),
    failed: (error) => {
      const denied = denialOf(error) === undefined ? "error" : "denied";
      const code = error instanceof KimiError ? error.code : denied;
      emit("failed", { code, message: inCommandWords(messageOf(error)) });
    },
  };
}

/** Prints text: what the user must do on standard output, progress on standard error. */
export function createTextOutput(
  { out, err }: Terminal,
  client: ClientName,
  ticker: Ticker = eachSecond,
): LoginOutput {
  const print = (text: string) => out.write(`${wrapped(out, text)}\n`);
  const note = (text: string) => err.write(`${wrapped(err, text)}\n`);
  return {
    alreadyLoggedIn: ({ path, credential }) => {
      const region = regionOf(credential.hosts);
      const where = region === undefined ? "" : ` at kimi.${region}`;
      print(`Already logged in${where} ${validity(credential)}`);
      print(`The login is stored in ${path}`);
      note("login --force logs in again");
    },
    confirm({ verificationUri, userCode }) {
      const qr = out.isTerminal ? qrLines(verificationUri, out) : [];
      // The text comes last, so that a terminal of 24 lines shows it.
      for (const line of qr) out.write(`${line}\n`);
      note(RISKS[client]);
      const what = wrapped(out, `Confirm the code ${userCode} on this page:`);
      const code = styled(out, "bold", userCode);
      out.write(`${what.replace(userCode, () => code)}\n  ${verificationUri}\n\n`);
    },
    browserFailed: (problem) => note(`The browser was not opened: ${problem}`),
    waiting: (secondsLeft) => showCountdown(err, secondsLeft, ticker),
    loggedIn: ({ path, isOpencodes, credential }) => {
      out.write(`${styled(out, "green", "Logged in")} ${validity(credential)}\n`);
      const next = isOpencodes ? nextSteps(client) : otherUses(path);
      for (const line of [`The login is stored in ${path}`, ...next]) print(line);
    },
    failed: () => {},
  };
}

/** One line each: more would push the QR code out of a terminal of 24 lines. */
const RISKS: Readonly<Record<ClientName, string>> = {
  "kimi-cli": "Kimi may suspend accounts over this; --client opencode sends our real name",
  "kimi-code": "Kimi may suspend accounts over this; --client opencode sends our real name",
  opencode: "Kimi may suspend accounts over this (see the README)",
};

function otherUses(path: string): readonly string[] {
  return [
    "opencode does not read this file. These do: the commands usage and doctor with " +
    `--auth-file ${path}, and a program with authJsonStore(${JSON.stringify(path)})`,
  ];
}

function nextSteps(client: ClientName): readonly string[] {
  const plugin = client === DEFAULT_CLIENT
    ? '"opencode-kimi-full"'
    : `["opencode-kimi-full", { "client": "${client}" }]`;
  return [
    `Next: add "plugin": [${plugin}] to opencode.json, if it is not there, and run: ` +
    "opencode -m kimi-for-coding-oauth/kimi-for-coding",
    "An opencode that is running uses the login from its next question on",
  ];
}

/** How long a login lasts: until the refresh token expires, and each refresh returns a new one. */
function validity(credential: Credential): string {
  const until = refreshExpires(credential);
  return until === undefined
    ? `until ${localTime(credential.expires)}; it is refreshed automatically`
    : `until ${localTime(until)}; each use extends this`;
}
