/** Each problem of login, device, lock and environment, with its fix. */

import { assertEquals } from "@std/assert";
import { holderName } from "../../../lib/runtime/fs/lock_holder.ts";
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
  reported,
  type Row,
  testFindings,
  token,
} from "./fixtures.ts";

const HOLDER = { pid: 4711, start: "", place: "0" };

const LOGIN = 'opencode auth login -p kimi-for-coding-oauth -m "Kimi account (kimi.com)"';

Deno.test("doctor finds nothing on a healthy machine", async () => {
  assertEquals((await reported()).findings, []);
});

const files = (path: string, text: string): Given => ({ files: { [path]: text } });

const ROWS: readonly Row[] = [
  [
    "a missing auth.json",
    { files: { [AUTH]: undefined } },
    "not-logged-in",
    /does not exist/,
    LOGIN,
  ],
  ["an empty auth.json", files(AUTH, ""), "not-logged-in", /no entry/, LOGIN],
  ["an auth.json without an entry", files(AUTH, "{}"), "not-logged-in", /no entry/, LOGIN],
  [
    "a corrupt auth.json",
    files(AUTH, '{"a"'),
    "auth-corrupt",
    /does not hold a JSON object/,
    /move it away/,
  ],
  [
    "an auth.json that holds a list",
    files(AUTH, "[]"),
    "auth-corrupt",
    /does not hold a JSON object/,
    /repair it/,
  ],
  [
    "a folder with the name of auth.json",
    { files: { [AUTH]: folder([]) } },
    "auth-unreadable",
    /cannot be read \(it is a folder\)/,
    /move it away/,
  ],
  [
    "an unreadable auth.json",
    { files: { [AUTH]: { state: "unreadable", code: "EACCES" } } },
    "auth-unreadable",
    /cannot be read \(EACCES\)/,
    /chmod 600 ~\/\.local\/share\/opencode\/auth\.json$/,
  ],
  [
    "an auth.json that is not a regular file",
    { files: { [AUTH]: { state: "unreadable", code: "not a regular file" } } },
    "auth-unreadable",
    /cannot be read \(not a regular file\)/,
    "move it away",
  ],
  [
    "an auth.json that other users may read",
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
    "an API key instead of a login",
    files(AUTH, auth({ type: "api", key: "SECRET" })),
    "login-entry",
    /has the type "api"/,
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
    /opencode 1\.18 ignores the login/,
    LOGIN,
  ],
  [
    "a refresh token that is 31 days old",
    files(AUTH, auth({ ...ENTRY, access: "opaque", expires: NOW - 31 * 86_400_000 })),
    "refresh-expired",
    /31 d .*old; it is valid for 30 days/,
    LOGIN,
  ],
  [
    "a token with another scope",
    files(AUTH, auth({ ...ENTRY, access: token({ scope: "profile" }) })),
    "login-scope",
    /scope of the access token is "profile", not "kimi-code"/,
    /log in again/,
  ],
  [
    "OPENCODE_AUTH_CONTENT without a login",
    { variables: { OPENCODE_AUTH_CONTENT: "{}" } },
    "auth-content",
    /not from auth\.json; it does not hold a login for Kimi/,
    "unset OPENCODE_AUTH_CONTENT",
  ],
  [
    "a lock that was left behind",
    {
      files: {
        [LOCK]: folder([holderName(HOLDER, crypto.randomUUID(), 1)], 0o700, NOW - 300_000),
      },
    },
    "lock-stale",
    /left behind by process 4711, which did not renew it for 5 min/,
    /^rm -r ~\/\.local\/share\/opencode\/kimi-for-coding-oauth\.lock/,
  ],
  [
    "a lock without a holder",
    { files: { [LOCK]: folder([], 0o700, NOW - 60_000) } },
    "lock-stale",
    /an unknown process/,
    /^rm -r /,
  ],
  ["an empty device id", files(DEVICE_ID, " \n"), "device-id-empty", /send an empty id/, /^rm /],
  [
    "a device id with words",
    files(DEVICE_ID, "hello world"),
    "device-id-junk",
    /does not hold a device id$/,
    "rm ~/.kimi/device_id: the next start creates a new one",
  ],
  [
    "a device id that is not text",
    files(DEVICE_ID, "0123456789abcdef0123456789abcde\ufffd"),
    "device-id-junk",
    /does not hold a device id$/,
    /^rm /,
  ],
  [
    "a folder with the name of the device id",
    { files: { [DEVICE_ID]: folder([]) } },
    "device-id-unreadable",
    /kimi-cli fails/,
    "rm -r ~/.kimi/device_id",
  ],
  [
    "a device id that other users may read",
    { files: { [DEVICE_ID]: file("0".repeat(32), 0o644) } },
    "device-id-mode",
    /mode 0644/,
    "chmod 600 ~/.kimi/device_id",
  ],
  [
    "a folder of the device id that other users may change",
    { files: { [`${HOME}/.kimi`]: folder([], 0o777) } },
    "share-mode",
    /other users can change ~\/\.kimi \(mode 0777\)/,
    "chmod 700 ~/.kimi",
  ],
  [
    "a temperature that is not a number",
    { variables: { KIMI_MODEL_TEMPERATURE: "hot" } },
    "variable",
    /KIMI_MODEL_TEMPERATURE is not a number/,
    /unset KIMI_MODEL_TEMPERATURE/,
  ],
  [
    "a host that was not set at login",
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
    "unset KIMI_CODE_OAUTH_HOST, or change it to https",
  ],
  [
    "a host of the other region",
    { variables: { KIMI_OAUTH_HOST: "https://auth.kimi.ai" } },
    "host-untrusted",
    /of the other region/,
    /^unset KIMI_OAUTH_HOST, or log in while it is set: .*kimi\.ai/,
  ],
];

testFindings(ROWS);
