/** Commands with a login that is not in opencode's auth.json. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { usage } from "../../../lib/cli/usage/usage.ts";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { AUTH, auth, ENTRY, folder, reported } from "../doctor/fixtures.ts";
import { makeHome, runUnderDeno } from "../process.ts";

Deno.test("usage --auth-file uses and refreshes the login of another file", async () => {
  await using kimi = await startFakeKimi();
  await using home = await makeHome();
  const { access_token: access, refresh_token: refresh } = kimi.issueTokens({ lifetime: 100 });
  const entry = { type: "oauth", refresh, access, expires: Date.now() + 100_000 };
  const path = join(home.data, "other.json");
  const text = JSON.stringify({ other: 1, "kimi-for-coding-oauth": entry });
  await home.write(".local/share/opencode/other.json", text);
  const env = { OPENCODE_AUTH_CONTENT: "{}" };
  const run = (name: string) => runUnderDeno(usage, ["--auth-file", name], { home, kimi, env });
  const { code, stderr } = await run(path);
  assertEquals([code, stderr, kimi.refreshes], [0, "", 1]);
  assertMatch(await Deno.readTextFile(path), /^\{"other":1,/);
  assertEquals((await run("")).code, 2);
  const missing = join(home.data, "missing.json");
  const said =
    `error: ${missing} holds no login: run opencode-kimi-full login --force --auth-file ${missing}\n`;
  assertEquals((await run(missing)).stderr, said);
});

Deno.test("usage --auth-file tells how to log in to that file again, if the login was rejected", async () => {
  await using kimi = await startFakeKimi();
  await using home = await makeHome();
  const entry = { type: "oauth", refresh: "gone", access: "a", expires: 1 };
  const name = ".local/share/opencode/other.json";
  await home.write(name, JSON.stringify({ "kimi-for-coding-oauth": entry }));
  const path = join(home.path, name);
  const { stderr } = await runUnderDeno(usage, ["--auth-file", path], { home, kimi });
  assertEquals(
    stderr,
    "error: Kimi no longer accepts the login: run " +
      `opencode-kimi-full login --force --auth-file ${path}\n`,
  );
});

Deno.test("doctor --auth-file reads the login and the lock of that file", async () => {
  const authFile = "/x/other.json";
  const { login } = await reported({
    deps: { authFile },
    files: {
      [authFile]: auth(ENTRY),
      [AUTH]: undefined,
      "/x/kimi-for-coding-oauth.lock": folder([]),
    },
  }, { full: true });
  assertEquals([login.source, login.state, login.lock], [authFile, "present", "held"]);
  const { findings } = await reported({ deps: { authFile } });
  assertEquals(findings.map(({ fix }) => fix), [
    `opencode-kimi-full login --force --auth-file ${authFile}`,
  ]);
});
