/** The output of `login` on a terminal, with all dependencies in memory. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { SharedFile } from "../../../lib/client/environment.ts";
import { createTextOutput } from "../../../lib/cli/login/output.ts";
import { logIn } from "../../../lib/cli/login/steps.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { REGIONS } from "../../../lib/kimi/identity/regions.ts";
import { type Answer, type FakeEnvironment, fakeEnvironment } from "../../support/environment.ts";
import { oauthError, tokenAnswer } from "../../client/fixtures.ts";
import { type FakeTerminal, fakeTerminal, type FakeTerminalOptions } from "../terminal.ts";

const URL = "https://www.kimi.com/code/authorize_device?user_code=ABCD-1234";

/** Answers once that the login is pending, then with tokens. */
function kimi(): Answer {
  let polls = 0;
  const authorization = {
    device_code: "SECRET-device",
    user_code: "ABCD-1234",
    verification_uri_complete: URL,
    expires_in: 900,
    interval: 5,
  };
  return ({ url }) => {
    if (url.endsWith("/device_authorization")) return Response.json(authorization);
    return polls++ === 0 ? oauthError("authorization_pending") : tokenAnswer(1);
  };
}

interface Stage {
  readonly environment: FakeEnvironment;
  readonly terminal: FakeTerminal;
  readonly opened: string[];
  /** The text of auth.json, and what was done with its folder. */
  readonly kept: { text: string | undefined; readonly folder: string[] };
  readonly run: (signal?: AbortSignal) => Promise<void>;
}

function stage(options: FakeTerminalOptions = {}, isOpencodes = true): Stage {
  const environment = fakeEnvironment({ answer: kimi() });
  const terminal = fakeTerminal({ isTerminal: true, ...options });
  const opened: string[] = [];
  const kept: Stage["kept"] = { text: undefined, folder: [] };
  const lock = { renew: () => Promise.resolve(true), release: () => Promise.resolve() };
  const file: SharedFile = {
    path: "/home/ann/.local/share/opencode/auth.json",
    read: () => Promise.resolve(kept.text),
    replace: (text) => Promise.resolve(void (kept.text = text)),
    assertWritable: () => Promise.resolve(),
    lock: () => Promise.resolve(lock),
  };
  const note = (step: string) => Promise.resolve(void kept.folder.push(step));
  const prepare = () => note("created").then(() => () => note("removed"));
  const client = "kimi-cli";
  const deps = {
    ...{ client, hosts: REGIONS.com, isForced: false, environment } as const,
    location: { file, prepare, isOpencodes },
    output: createTextOutput(terminal, client, () => () => {}),
    openBrowser: (url: string) => Promise.resolve(void opened.push(url)),
  };
  const run = (signal = new AbortController().signal) => logIn(deps, signal);
  return { environment, terminal, opened, kept, run };
}

Deno.test("a terminal of 80 columns and 24 lines shows code, page, countdown and result", async () => {
  const { terminal, opened, kept, run } = stage();
  await run();
  const { out, err } = terminal.written;
  const [qr = "", rest = ""] = out.split("Confirm ");
  assertMatch(qr, /^([█▀▄ ]{37}\n){19}$/);
  assertStringIncludes(rest, `the code ABCD-1234 on this page:\n  ${URL}\n\nLogged in until `);
  const warningLines = 1;
  const lines = out.split("\n").indexOf("") + 1 + warningLines;
  assert(lines < 24, "QR code, warning, code, page and countdown");
  for (const line of (out + err).split(/[\n\r]/)) assert(line.length <= 80, line);
  assertMatch(
    err,
    /^Kimi may suspend accounts over this; --client opencode sends our real name\n\rWaiting/,
  );
  assertMatch(
    err,
    /\rWaiting for you to confirm in the browser, 15:00 left \(Ctrl-C to cancel\) +\r\r +\r$/,
  );
  assertEquals([opened, kept.folder], [[URL], ["created"]]);
  assertStringIncludes(kept.text ?? "", "SECRET-a1");
  assert(!(out + err).includes("SECRET"));
});

Deno.test("the warning comes after the QR code, and before the code to confirm", async () => {
  const { run, terminal } = stage();
  const printed: string[] = [];
  const { out, err } = terminal;
  Object.assign(out, { write: (text: string) => void printed.push(text) });
  Object.assign(err, { write: (text: string) => void printed.push(text) });
  await run();
  const at = (text: RegExp) => printed.findIndex((line) => text.test(line));
  assertEquals(at(/may suspend accounts/), 19);
  assertEquals(at(/^Confirm the code/), 20);
});

Deno.test("a login in another file ends with what can use it, not with opencode", async () => {
  const { run, terminal } = stage({ isTerminal: false }, false);
  await run();
  const path = "/home/ann/.local/share/opencode/auth.json";
  assertStringIncludes(
    terminal.written.out,
    `the commands usage and doctor with --auth-file ${path}`,
  );
  assertStringIncludes(terminal.written.out, `authJsonStore("${path}")`);
  assert(!terminal.written.out.includes("opencode -m"));
});

Deno.test("a login at the default hosts is stored without them", async () => {
  const { kept, run } = stage();
  await run();
  assert(!kept.text?.includes("enterpriseUrl"));
});

Deno.test("a narrow terminal shows no QR code, and a terminal with colours shows colours", async () => {
  const { terminal, run } = stage({ columns: 30, hasColour: true });
  await run();
  const first = "Confirm the code \x1b[1mABCD-1234\x1b[22m on\nthis page:\n";
  assert(terminal.written.out.startsWith(first));
  assertStringIncludes(terminal.written.out, "\n\x1b[32mLogged in\x1b[39m until ");
});

Deno.test("an interrupted login removes the folder it created", async () => {
  const { environment, kept, run, terminal } = stage();
  const aborter = new AbortController();
  environment.onSleep = () => aborter.abort();
  const error = await assertRejects(() => run(aborter.signal), KimiError);
  assertEquals([error.code, error.message], [
    "aborted",
    "Interrupted: no new login was stored; if there was no device id, a new one may have been " +
    "created",
  ]);
  assertEquals([kept.text, kept.folder], [undefined, ["created", "removed"]]);
  assert(terminal.written.err.endsWith(" \r"), "the countdown is cleared");
});
