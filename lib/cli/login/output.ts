/**
 * What `login` says: to a person, or to a program that reads an event from each line.
 *
 * @module
 */

import { type Credential, readClaims } from "../../client/tokens/credential.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import type { DeviceAuthorization } from "../../kimi/oauth/grants.ts";
import { finite } from "../../kimi/util/json.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import { localTime } from "../../runtime/local_time.ts";
import { denialOf } from "../shared/deno_permissions.ts";
import { qrLines } from "./qr.ts";
import { styled, type Terminal, wrapped } from "../shared/terminal.ts";
import { showWaiting, type Ticker } from "./countdown.ts";

/** A login that is kept. */
export interface KeptIn {
  /** Path of auth.json. */
  readonly path: string;
  /** The login. */
  readonly credential: Credential;
}

/** What is said, step by step. */
export interface LoginReport {
  /** There is a login already. */
  readonly alreadyLoggedIn: (kept: KeptIn) => void;
  /** Before anything is sent. */
  readonly risk: () => void;
  /** What the user has to confirm; `expires` in milliseconds since 1970. */
  readonly confirm: (authorization: DeviceAuthorization, expires: number) => void;
  /** Why the browser was not opened. */
  readonly noBrowser: (problem: string) => void;
  /** Begins to wait; the function that it gives ends that. */
  readonly waiting: (secondsLeft: () => number) => () => void;
  /** The login is stored. */
  readonly loggedIn: (kept: KeptIn) => void;
  /** It came to nothing. The command says why on standard error in any case. */
  readonly failed: (error: unknown) => void;
}

/**
 * Events, one a line, as JSON: `already_logged_in` and `logged_in` (`path`, `accessExpiresAt`,
 * `loginExpiresAt` where the refresh token tells), `confirm` (`verificationUri`, `userCode`,
 * `expiresAt`) and `failed` (`code`, `message`). Times are ISO 8601. No event holds a token.
 *
 * @param terminal Where to: events on standard output, the risk on standard error.
 * @param client Whose identity is sent.
 * @returns The report.
 */
export function eventReport({ out, err }: Terminal, client: ClientName): LoginReport {
  const emit = (event: string, members: Readonly<Record<string, unknown>>) =>
    out.write(`${JSON.stringify({ event, ...members })}\n`);
  const keptIn = ({ path, credential }: KeptIn) => {
    const until = refreshExpires(credential);
    return {
      path,
      accessExpiresAt: new Date(credential.expires),
      ...(until === undefined ? {} : { loginExpiresAt: new Date(until) }),
    };
  };
  return {
    alreadyLoggedIn: (kept) => emit("already_logged_in", keptIn(kept)),
    risk: () => err.write(`${wrapped(err, RISKS[client])}\n`),
    confirm: ({ verificationUri, userCode }, expires) =>
      emit("confirm", { verificationUri, userCode, expiresAt: new Date(expires) }),
    noBrowser: () => {},
    waiting: () => () => {},
    loggedIn: (kept) => emit("logged_in", keptIn(kept)),
    failed: (error) => {
      const denied = denialOf(error) === undefined ? "error" : "denied";
      const code = error instanceof KimiError ? error.code : denied;
      emit("failed", { code, message: messageOf(error) });
    },
  };
}

/**
 * Lines for a person.
 *
 * @param terminal Where to: what is to be done on standard output, progress on standard error.
 * @param client Whose identity is sent.
 * @param ticker The clock of the countdown.
 * @returns The report.
 */
export function textReport(
  { out, err }: Terminal,
  client: ClientName,
  ticker: Ticker,
): LoginReport {
  const say = (text: string) => out.write(`${wrapped(out, text)}\n`);
  const note = (text: string) => err.write(`${wrapped(err, text)}\n`);
  return {
    alreadyLoggedIn: (kept) => {
      const region = regionOf(kept.credential.hosts);
      const where = region === undefined ? "" : ` at kimi.${region}`;
      say(`Already logged in${where}, ${lasting(kept.credential)}`);
      say(`The login is kept in ${kept.path}`);
      note("login --force logs in anew");
    },
    risk: () => note(RISKS[client]),
    confirm({ verificationUri, userCode }) {
      const qr = out.isTerminal ? qrLines(verificationUri, out) : [];
      // Below the QR code, so that a terminal of 24 lines shows all that is needed.
      for (const line of qr) out.write(`${line}\n`);
      const what = wrapped(out, `Confirm the code ${userCode} on this page:`);
      const code = styled(out, "bold", userCode);
      out.write(`${what.replace(userCode, () => code)}\n  ${verificationUri}\n\n`);
    },
    noBrowser: (problem) => note(`The browser was not opened: ${problem}`),
    waiting: (secondsLeft) => showWaiting(err, secondsLeft, ticker),
    loggedIn: ({ path, credential }) => {
      out.write(`${styled(out, "green", "Logged in")}, ${lasting(credential)}\n`);
      for (const line of [`The login is kept in ${path}`, ...nextSteps(client)]) say(line);
    },
    failed: () => {},
  };
}

const RISK = "Kimi ties this login to its own clients and may suspend accounts";

const RISKS: Readonly<Record<ClientName, string>> = {
  "kimi-cli": `${RISK}; --client opencode sends an honest identity (see the README)`,
  opencode: `${RISK} (see the README)`,
};

function nextSteps(client: ClientName): readonly string[] {
  const plugin = client === "kimi-cli"
    ? '"opencode-kimi-full"'
    : '["opencode-kimi-full", { "client": "opencode" }]';
  return [
    `Next: put "plugin": [${plugin}] into opencode.json, unless it is there, and run: ` +
    "opencode -m kimi-for-coding-oauth/kimi-for-coding",
    "An opencode that is running must be restarted to see a first login",
  ];
}

/** How long a login lasts: the access token is renewed by itself while the refresh token is good. */
function lasting(credential: Credential): string {
  const until = refreshExpires(credential);
  return until === undefined
    ? `until ${localTime(credential.expires)}, and renewed by itself from then on`
    : `until ${localTime(until)}, and longer where it is used`;
}

/** The last millisecond of a Date. Source: ECMA-262 §21.4.1.1. */
const END_OF_TIME = 8.64e15;

/**
 * When a login ends that is not used any more.
 *
 * @param login The login.
 * @returns Milliseconds since 1970, or undefined where the refresh token does not tell.
 */
export function refreshExpires({ refresh }: Pick<Credential, "refresh">): number | undefined {
  const expires = (finite(readClaims(refresh)?.exp) ?? Infinity) * 1000;
  return Math.abs(expires) <= END_OF_TIME ? expires : undefined;
}
