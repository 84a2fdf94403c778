/** Deno alone logs in, and opencode with the plugin then works at once. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { login } from "../../lib/cli/login/login.ts";
import { runUnderDeno } from "../cli/process.ts";
import { startFakeKimi } from "../support/fake/kimi.ts";
import { openOpencode } from "../support/opencode/opencode.ts";
import { builtPackage } from "../support/package.ts";

Deno.test("opencode 1.18.33 answers with the login and device of the Deno login command", async () => {
  await using built = await builtPackage();
  await using kimi = await startFakeKimi({ autoAuthorizeAfterPolls: 0 });
  const config = { plugin: [built.dir] };
  await using opencode = await openOpencode({ version: "1.18.33", config, kimi });
  const home = { path: opencode.home };
  const { code, stdout, stderr } = await runUnderDeno(login, [], { home, kimi });
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "\nLogged in until ");
  const stored = await opencode.readAuth();
  const answer = await opencode.ask("Hello");
  assertEquals([answer.code, answer.text], [0, "Hello from the fake Kimi."]);
  assertEquals(await opencode.readAuth(), stored, "the login is used unchanged");
  const ids = kimi.requests.filter(({ kind }) => kind !== "models")
    .map(({ headers }) => headers.find(([name]) => /^x-msh-device-id$/i.test(name))?.[1]);
  assertEquals(new Set(ids).size, 1);
  const listed = await opencode.command(["auth", "list"]);
  assertStringIncludes(listed.stdout + listed.stderr, "oauth");
});
