/** `login --region`. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { login } from "../../../lib/cli/login/login.ts";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { makeHome, runUnderDeno } from "../process.ts";

Deno.test("a login at kimi.ai is stored with its hosts, and a variable that wins is named", async () => {
  await using kimi = await startFakeKimi({ autoAuthorizeAfterPolls: 0 });
  await using home = await makeHome();
  const env = { KIMI_CODE_BASE_URL: "" };
  const run = (...args: readonly string[]) => runUnderDeno(login, args, { home, kimi, env });
  const { code, stderr } = await run("--region", "ai");
  assertEquals(code, 0, stderr);
  const overruled = "warn: --region ai is overruled by KIMI_CODE_OAUTH_HOST: " +
    "unset it to log in at kimi.ai\n";
  assertStringIncludes(stderr, overruled);
  const { enterpriseUrl } = JSON.parse(await home.readAuth() ?? "{}")["kimi-for-coding-oauth"];
  assertEquals(enterpriseUrl, `${kimi.url} https://api.kimi.ai/coding/v1`);
  assertEquals((await run("--force")).stderr.includes("overruled"), false);
});
