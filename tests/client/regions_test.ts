/** Two regions: which login goes where. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { explainFailure } from "../../lib/kimi/errors/api_error.ts";
import { OPENCODE_WORDS } from "../../lib/opencode/error_words.ts";
import { wouldRetry } from "../../lib/kimi/errors/opencode_retry.ts";
import { REGIONS } from "../../lib/kimi/identity/regions.ts";
import { assertFails, login, oauthError, rotating, setup, tokenAnswer } from "./fixtures.ts";

Deno.test("a login is refreshed in its own region, and stays there", async () => {
  for (const hosts of [REGIONS.com, REGIONS.ai]) {
    const { environment, source, store } = setup(login(0, "0", hosts), () => tokenAnswer(1));
    assertEquals((await source.current()).hosts, hosts);
    assertEquals(environment.sent.map(({ url }) => url), [`${hosts.oauth}/api/oauth/token`]);
    assertEquals(store.writes.map(({ hosts }) => hosts), [hosts]);
  }
});

Deno.test("two regions' logins one after the other are each refreshed in its own", async () => {
  const { environment, source, store } = setup(login(0), rotating());
  await source.current();
  store.stored = login(0, "7", REGIONS.ai);
  environment.answer = () => tokenAnswer(8);
  await source.current();
  store.stored = login(0, "9");
  environment.answer = () => tokenAnswer(10);
  await source.current();
  const went = environment.sent.map(({ url, body }) =>
    `${new URL(url).host} ${new URLSearchParams(body).get("refresh_token")}`
  );
  assertEquals(went, [
    "auth.kimi.com SECRET-r0",
    "auth.kimi.ai SECRET-r7",
    "auth.kimi.com SECRET-r9",
  ]);
});

Deno.test("contract 8: a refresh token is not sent to the other region, whatever is set", async () => {
  for (const variable of ["KIMI_CODE_OAUTH_HOST", "KIMI_OAUTH_HOST"]) {
    for (const [hosts, other] of [[undefined, REGIONS.ai], [REGIONS.ai, REGIONS.com]] as const) {
      const made = setup(login(0, "0", hosts), rotating(), { [variable]: other.oauth });
      await assertFails(() => made.source.current(), "untrusted_host", "of the other region");
      assertEquals([made.environment.sent, made.store.writes], [[], []]);
    }
  }
});

Deno.test("contract 13: a login that has ended is asked for where it was", async () => {
  const { source } = setup(login(0, "0", REGIONS.ai), () => oauthError("invalid_grant"));
  const error = await assertFails(() => source.current(), "invalid_grant");
  assertStringIncludes(error.message, '-p kimi-for-coding-oauth -m "Kimi account (kimi.ai)"');
  const again = await assertFails(() => source.current(), "invalid_grant");
  assertEquals(again.message, error.message);
});

Deno.test("contract 13: an explained failure names the pages and the login of the region", async () => {
  for (const [status, part] of [[401, "(kimi.ai)"], [402, "https://www.kimi.ai/code"]] as const) {
    const given = Response.json({ error: { message: "no" } }, { status });
    const { error } =
      await (await explainFailure(given, [], { region: "ai", words: OPENCODE_WORDS })).json();
    assertStringIncludes(error.message, part);
    assertEquals([error.message.includes("kimi.com"), wouldRetry(error.message)], [false, false]);
  }
});
