/** Fixes for a file that --auth-file names, and whether the data folder can be written. */

import { assertEquals } from "@std/assert";
import { canWrite } from "../../../../lib/cli/doctor/collect/path_state.ts";
import { requestUser } from "../../../../lib/cli/shared/deno_permissions.ts";
import { AUTH, auth, ENTRY, reported } from "../fixtures.ts";

Deno.test("with --auth-file, each fix that logs in names the file", async () => {
  const named = "/tmp/login.json";
  const fixes = async (state: string | undefined) => {
    const files = { [AUTH]: undefined, [named]: state };
    const { findings } = await reported({ files, deps: { authFile: named } });
    return findings.map(({ id, fix }) => `${id}: ${fix}`);
  };
  const command = `opencode-kimi-full login --force --auth-file ${named}`;
  assertEquals(await fixes(undefined), [`not-logged-in: ${command}`]);
  assertEquals(await fixes("{}"), [`not-logged-in: ${command}`]);
  assertEquals(await fixes("["), [
    `auth-corrupt: repair it, or move it away and log in: ${command}`,
  ]);
  assertEquals(await fixes(auth({ type: "api", key: "x" })), [`login-entry: ${command}`]);
  assertEquals(await fixes(auth({ ...ENTRY, expires: -1 })), [`login-expires: ${command}`]);
  const enterpriseUrl = "https://auth.kimi.ai https://api.kimi.ai/coding/v1";
  assertEquals(await fixes(auth({ ...ENTRY, expires: -1, enterpriseUrl })), [
    `login-expires: ${command.replace("--auth", "--region ai --auth")}`,
  ]);
});

Deno.test("a data folder that Deno does not let doctor look at is listed with its flag", async () => {
  const deny = (): never => {
    const message = 'Requires sys access to "uid", run again with the --allow-sys flag';
    throw Object.assign(new Error(message), { name: "NotCapable" });
  };
  const report = await reported({ deps: { canWrite: () => Promise.resolve().then(deny) } });
  assertEquals(report.notLookedAt, [
    { what: "whether ~/.local/share/opencode can be written", flag: "--allow-sys=uid" },
  ]);
  assertEquals(report.findings.map(({ id }) => id), ["not-looked-at"]);
});

Deno.test("canWrite() looks if the user's ids may be read", async () => {
  await requestUser();
  assertEquals(await canWrite(await Deno.makeTempDir({ prefix: "kimi-" })), true);
});
