/** Notes about login, device, lock and environment. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  ACCESS,
  AUTH,
  auth,
  DEVICE_ID,
  ENTRY,
  folder,
  HOME,
  LOCK,
  NOW,
  problems,
  reported,
  token,
} from "./fixtures.ts";

Deno.test("a held lock, a missing device id, and a folder as kimi-cli creates it are not findings", async () => {
  const { findings, headers, login } = await reported({
    files: {
      [LOCK]: folder([], 0o700, NOW - 900),
      [`${HOME}/.kimi`]: folder([], 0o755),
      [DEVICE_ID]: undefined,
    },
  });
  assertEquals([findings, login.lock], [[], "held"]);
  assertEquals(headers.at(-1)?.source, "the first request creates it in ~/.kimi/device_id");
});

Deno.test("an expired access token is not a problem: the next request refreshes it", async () => {
  const access = token({ iat: NOW / 1000 - 3600, exp: NOW / 1000 - 2700, scope: "kimi-code" });
  const given = { [AUTH]: auth({ ...ENTRY, access, expires: NOW - 2_700_000 }) };
  const { findings, login } = await reported({ files: given });
  assertEquals([findings, login.accessExpiresIn, login.refreshAge], [[], -2700, 3600]);
});

Deno.test("a host that is not Kimi's is not a problem before the login that will store it", async () => {
  const found = await problems({
    files: { [AUTH]: "{}" },
    variables: { KIMI_CODE_BASE_URL: "https://proxy.example/v1" },
  });
  assertEquals(found.map(({ id }) => id), ["not-logged-in"]);
});

Deno.test("a login in OPENCODE_AUTH_CONTENT is read instead of auth.json, with a note", async () => {
  const { findings, login } = await reported({
    files: { [AUTH]: undefined },
    variables: { OPENCODE_AUTH_CONTENT: auth(ENTRY) },
  });
  assertEquals(findings.map(({ id, severity }) => [id, severity]), [["auth-content", "note"]]);
  assertEquals([login.source, login.state], ["OPENCODE_AUTH_CONTENT", "present"]);
  assertStringIncludes(ACCESS, "SECRET");
});
