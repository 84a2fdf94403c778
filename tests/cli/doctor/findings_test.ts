/** Each fault of login, device, lock and environment, with its cure. */

import { assertEquals, assertMatch } from "@std/assert";
import {
  AUTH,
  auth,
  DEVICE_ID,
  ENTRY,
  file,
  folder,
  type Given,
  HOME,
  LOCK,
  NOW,
  problems,
  reported,
  token,
} from "./fixtures.ts";

const LOGIN = 'opencode auth login -p kimi-for-coding-oauth -m "Kimi account (kimi.com)"';

Deno.test("a healthy machine has no problem and no note", async () => {
  assertEquals((await reported()).findings, []);
});

/** A fault, the word for it, what is said of it, and the cure. */
type Row = readonly [name: string, given: Given, id: string, what: RegExp, cure: string | RegExp];

const files = (path: string, text: string): Given => ({ files: { [path]: text } });

const ROWS: readonly Row[] = [
  ["no auth.json", { files: { [AUTH]: undefined } }, "not-logged-in", /is not there/, LOGIN],
  ["an empty auth.json", files(AUTH, ""), "not-logged-in", /no entry/, LOGIN],
  ["no entry in auth.json", files(AUTH, "{}"), "not-logged-in", /no entry/, LOGIN],
  ["a corrupt auth.json", files(AUTH, '{"a"'), "auth-corrupt", /no JSON object/, /move it away/],
  ["auth.json as a list", files(AUTH, "[]"), "auth-corrupt", /no JSON object/, /repair it/],
  [
    "a folder in auth.json's place",
    { files: { [AUTH]: folder([]) } },
    "auth-folder",
    /is a folder/,
    /move it away/,
  ],
  [
    "an auth.json that may not be read",
    { files: { [AUTH]: { state: "unreadable", code: "EACCES" } } },
    "auth-unreadable",
    /cannot be read \(EACCES\)/,
    /chmod 600 ~\/\.local\/share\/opencode\/auth\.json$/,
  ],
  [
    "an auth.json that is no file",
    { files: { [AUTH]: { state: "unreadable", code: "no regular file" } } },
    "auth-unreadable",
    /cannot be read \(no regular file\)/,
    "move it away",
  ],
  [
    "an auth.json that others may read",
    { files: { [AUTH]: file(auth(ENTRY), 0o644) } },
    "auth-mode",
    /open to other users \(mode 0644\)/,
    "chmod 600 ~/.local/share/opencode/auth.json",
  ],
  [
    "an auth.json that its group may read",
    { files: { [AUTH]: file(auth(ENTRY), 0o640) } },
    "auth-mode",
    /mode 0640/,
    "chmod 600 ~/.local/share/opencode/auth.json",
  ],
  [
    "an API key in the login's place",
    files(AUTH, auth({ type: "api", key: "SECRET" })),
    "login-entry",
    /of the type "api"/,
    LOGIN,
  ],
  [
    "a login without a refresh token",
    files(AUTH, auth({ ...ENTRY, refresh: undefined })),
    "login-entry",
    /lacks a token/,
    LOGIN,
  ],
  [
    "an expiry with a fraction",
    files(AUTH, auth({ ...ENTRY, expires: NOW + 0.5 })),
    "login-expires",
    /opencode 1\.18 does not see the login/,
    LOGIN,
  ],
  [
    "a refresh token of 31 days",
    files(AUTH, auth({ ...ENTRY, access: "opaque", expires: NOW - 31 * 86_400_000 })),
    "refresh-expired",
    /31 d .*old; it is good for 30 days/,
    LOGIN,
  ],
  [
    "a token for something else",
    files(AUTH, auth({ ...ENTRY, access: token({ scope: "profile" }) })),
    "login-scope",
    /scope is "profile", not "kimi-code"/,
    /log in again/,
  ],
  [
    "OPENCODE_AUTH_CONTENT without a login",
    { variables: { OPENCODE_AUTH_CONTENT: "{}" } },
    "auth-content",
    /not from auth\.json; it holds none for Kimi/,
    "unset OPENCODE_AUTH_CONTENT",
  ],
  [
    "a lock that was left behind",
    {
      files: {
        [LOCK]: folder(["owner"]),
        [`${LOCK}/owner`]: file('{"pid":4711}', 0o600, NOW - 300_000),
      },
    },
    "lock-stale",
    /left behind by process 4711, which gave no sign for 5 min/,
    /^rm -r ~\/\.local\/share\/opencode\/kimi-for-coding-oauth\.lock/,
  ],
  [
    "a lock without an owner",
    { files: { [LOCK]: folder([], 0o700, NOW - 60_000) } },
    "lock-stale",
    /an unknown process/,
    /^rm -r /,
  ],
  ["an empty device id", files(DEVICE_ID, " \n"), "device-id-empty", /sends an empty id/, /^rm /],
  [
    "a device id of words",
    files(DEVICE_ID, "hello world"),
    "device-id-junk",
    /sends it as it is/,
    "rm ~/.kimi/device_id: the next start makes a new one",
  ],
  [
    "a device id of two lines",
    files(DEVICE_ID, "ab\ncd"),
    "device-id-junk",
    /kimi-cli refuses to send several lines/,
    /^rm /,
  ],
  ["a device id beyond ASCII", files(DEVICE_ID, "abcé"), "device-id-junk", /not ASCII/, /^rm /],
  [
    "a device id that is no text",
    { files: { [DEVICE_ID]: { ...file("\ufffd"), isUtf8: false } } },
    "device-id-junk",
    /UnicodeDecodeError/,
    /^rm /,
  ],
  [
    "a folder in the device id's place",
    { files: { [DEVICE_ID]: folder([]) } },
    "device-id-unreadable",
    /kimi-cli ends with an error/,
    "rm -r ~/.kimi/device_id",
  ],
  [
    "a device id that others may read",
    { files: { [DEVICE_ID]: file("0".repeat(32), 0o644) } },
    "device-id-mode",
    /mode 0644/,
    "chmod 600 ~/.kimi/device_id",
  ],
  [
    "a folder of the device id that others may change",
    { files: { [`${HOME}/.kimi`]: folder([], 0o777) } },
    "share-mode",
    /can be changed by other users \(mode 0777\)/,
    "chmod 700 ~/.kimi",
  ],
  [
    "a temperature that is no number",
    { variables: { KIMI_MODEL_TEMPERATURE: "hot" } },
    "variable",
    /KIMI_MODEL_TEMPERATURE is not a number/,
    /unset KIMI_MODEL_TEMPERATURE/,
  ],
  [
    "a host that was not set at the login",
    { variables: { KIMI_CODE_BASE_URL: "https://proxy.example/v1" } },
    "host-untrusted",
    /not sent to proxy\.example \(from KIMI_CODE_BASE_URL\)/,
    /^unset KIMI_CODE_BASE_URL, or log in while it is set/,
  ],
  [
    "a host without encryption",
    { variables: { KIMI_CODE_OAUTH_HOST: "http://auth.kimi.com" } },
    "host-untrusted",
    /only https is allowed/,
    "unset KIMI_CODE_OAUTH_HOST, or write https in it",
  ],
  [
    "a host of the other region",
    { variables: { KIMI_OAUTH_HOST: "https://auth.kimi.ai" } },
    "host-untrusted",
    /of the other region/,
    /^unset KIMI_OAUTH_HOST, or log in while it is set: .*kimi\.ai/,
  ],
];

for (const [name, given, id, what, cure] of ROWS) {
  Deno.test(`doctor finds ${name}`, async () => {
    const found = await problems(given);
    assertEquals(found.map((finding) => finding.id), [id]);
    assertMatch(found[0]?.what ?? "", what);
    if (typeof cure === "string") assertEquals(found[0]?.cure, cure);
    else assertMatch(found[0]?.cure ?? "", cure);
  });
}

Deno.test("each cure is one line, and no finding holds a token", async () => {
  for (const [, given] of ROWS) {
    for (const finding of await problems(given)) {
      assertMatch(finding.cure, /^[^\n]+$/);
      assertEquals(/SECRET/.test(JSON.stringify(finding)), false);
    }
  }
});
