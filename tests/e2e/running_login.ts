/** Logins and logouts made while opencode runs. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { objectOf } from "../../lib/kimi/util/json.ts";
import { startFakeKimi } from "../support/fake/kimi.ts";
import { openOpencode, succeeded } from "../support/opencode/opencode.ts";
import { type OpencodeServer, serve } from "../support/opencode/server.ts";
import { builtPackage } from "../support/package.ts";
import type { OpencodeVersion } from "../support/tools.ts";

const ID = "kimi-for-coding-oauth";
const NOT_LOGGED_IN = "Not logged in to Kimi: run opencode auth login";
const ANSWER = "Hello from the fake Kimi.";

/** The answer's text, or what went wrong. */
async function said(server: OpencodeServer): Promise<string> {
  const { info, parts } = await server.ask(await server.session(), "Hello");
  const problem = objectOf(objectOf(objectOf(info).error).data).message;
  if (problem !== undefined) return String(problem);
  const list: readonly unknown[] = Array.isArray(parts) ? parts : [];
  return list.map(objectOf).flatMap(({ type, text }) => type === "text" ? text : []).join("");
}

/** Registers the test of one release. */
export function testRunningLogin(version: OpencodeVersion): void {
  Deno.test(`opencode ${version}, contract 11: a login or logout reaches a running opencode at the next question`, async () => {
    await using built = await builtPackage();
    await using kimi = await startFakeKimi({ deviceInterval: 1 });
    const config = { plugin: [built.dir] };
    await using opencode = await openOpencode({ version, config, kimi });
    await using server = await serve(opencode, { kimi });
    assertStringIncludes(await said(server), NOT_LOGGED_IN);
    succeeded(await opencode.login());
    assertEquals(await said(server), ANSWER, "after a login in another terminal");
    await opencode.writeAuth("{}");
    assertStringIncludes(await said(server), NOT_LOGGED_IN, "after a logout");
    await server.call("POST", `/provider/${ID}/oauth/authorize`, { method: 0 });
    await server.call("POST", `/provider/${ID}/oauth/callback`, { method: 0 });
    assertEquals(await said(server), ANSWER, "after a login by the server");
    await server.call("DELETE", `/auth/${ID}`);
    assertStringIncludes(await said(server), NOT_LOGGED_IN, "after a logout by the server");
  });
}
