import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Credential, toAuthEntry } from "../../../lib/client/tokens/credential.ts";
import type { SharedFile } from "../../../lib/client/environment.ts";
import { createAuthJsonStore, createAuthJsonTokens } from "../../../lib/client/auth_json/store.ts";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { fakeEnvironment } from "../../support/environment.ts";
import { jwtLogin, login, NOT_LOGGED_IN, SECRET, tokenAnswer } from "../fixtures.ts";

const ID = "kimi-for-coding-oauth";

function contentOf(credential: Credential): string {
  return JSON.stringify({ [ID]: toAuthEntry(credential) });
}

/** Tokens over a file in memory, with a login in the variable. */
async function sourceOf(lent: string | undefined, text?: string | undefined, hasFolder = true) {
  const kept = { text, seen: (text: string | undefined) => text };
  const file: SharedFile = {
    path: "/data/auth.json",
    read: () => Promise.resolve(kept.seen(kept.text)),
    replace: (text) => Promise.resolve(void (kept.text = text)),
    assertWritable: () => Promise.resolve(),
    lock: () =>
      Promise.resolve({ renew: () => Promise.resolve(true), release: () => Promise.resolve() }),
  };
  const environment = Object.assign(fakeEnvironment({ answer: () => tokenAnswer("new") }), {
    variables: lent === undefined ? {} : { OPENCODE_AUTH_CONTENT: lent },
    authFile: () => Promise.resolve(hasFolder ? file : undefined),
  });
  const memory = createRefreshMemory();
  const { tokens } = await createAuthJsonTokens(environment, { client: "kimi-cli", memory });
  return { environment, tokens, kept };
}

Deno.test("a login in OPENCODE_AUTH_CONTENT is used as it is, with auth.json or without", async () => {
  const lent = login(100);
  for (
    const [text, hasFolder] of [[undefined, false], [undefined, true], ["{ broken", true]] as const
  ) {
    const { environment, tokens, kept } = await sourceOf(contentOf(lent), text, hasFolder);
    assertEquals((await tokens.current()).access, lent.access);
    assertEquals((await tokens.stored())?.access, lent.access);
    assertEquals([environment.sent, kept.text], [[], text], "a refresh could not be kept");
  }
});

Deno.test("contract 9: a file that opencode is writing while it is read costs no login", async () => {
  for (const half of ["", '{"other":{"ty']) {
    for (let at = 2; at <= 8; at++) {
      const { environment, tokens, kept } = await sourceOf(undefined, contentOf(login(0)));
      await tokens.stored();
      let reads = 1;
      kept.seen = (text) => ++reads === at ? half : text;
      assertEquals((await tokens.current()).access, `${SECRET}-anew`, `read ${at}`);
      assertMatch(kept.text ?? "", /-rnew/, `read ${at}`);
      assertEquals(environment.sent.length, 1);
    }
  }
});

Deno.test("contract 9: a spent login that an opencode puts back is written over again", async () => {
  const before = contentOf(login(0));
  const { environment, tokens, kept } = await sourceOf(undefined, before);
  environment.onSleep = () => {
    if (environment.sleeps.length === 1) kept.text = before;
  };
  await tokens.current();
  assertMatch(kept.text ?? "", /-rnew/);
  assert(environment.sleeps.length > 1, "it was watched");
});

Deno.test("contract 11: a logout or a newer login at any moment of a refresh stays", async () => {
  for (const other of ['{"other":1}', contentOf(login(900, "newer"))]) {
    for (let at = 2; at <= 6; at++) {
      const { tokens, kept } = await sourceOf(undefined, contentOf(login(0)));
      await tokens.stored();
      let reads = 1;
      kept.seen = (text) => ++reads === at ? kept.text = other : text;
      await tokens.current().catch(() => {});
      assert(reads >= at, `read ${at}`);
      assertEquals(kept.text, other, `read ${at}`);
    }
  }
});

Deno.test("of OPENCODE_AUTH_CONTENT and auth.json the newer login is used, and refreshed in the file alone", async () => {
  const [older, newer] = [jwtLogin(900, 700), jwtLogin(900, 800)];
  const first = await sourceOf(contentOf(older), contentOf(newer));
  assertEquals((await first.tokens.current()).access, newer.access);
  const second = await sourceOf(contentOf(newer), contentOf(older));
  assertEquals((await second.tokens.current()).access, newer.access);
  const third = await sourceOf(contentOf(jwtLogin(900, 50)), contentOf(jwtLogin(900, 100)));
  await third.tokens.current();
  await third.tokens.settled();
  assertEquals((await third.tokens.current()).access, `${SECRET}-anew`);
  assertMatch(third.kept.text ?? "", /-anew/);
});

Deno.test("a login in OPENCODE_AUTH_CONTENT that has ended says who refreshes it, and spends nothing", async () => {
  const { environment, tokens } = await sourceOf(contentOf(login(0)));
  const says = async (asked: Promise<unknown>) => {
    const error = await assertRejects(() => asked, KimiError);
    assertMatch(
      error.message,
      /^The login in OPENCODE_AUTH_CONTENT has ended, and is refreshed by/,
    );
  };
  await says(tokens.current());
  const live = await sourceOf(contentOf(login()));
  await says(live.tokens.renew((await live.tokens.current()).access));
  assertEquals([environment.sent, live.environment.sent], [[], []]);
});

Deno.test("an OPENCODE_AUTH_CONTENT without a login of Kimi changes nothing", async () => {
  const kept = login();
  for (const lent of ["", "{}", "broken"]) {
    const { tokens } = await sourceOf(lent, contentOf(kept));
    assertEquals((await tokens.current()).access, kept.access);
    await assertRejects(() => sourceOf(lent, undefined, false), KimiError, NOT_LOGGED_IN);
  }
});

Deno.test("a login in OPENCODE_AUTH_CONTENT is not refreshed beside a file that cannot be read", async () => {
  const steps: string[] = [];
  const file: SharedFile = {
    path: "/data/auth.json",
    read: () => Promise.resolve("{ broken,"),
    replace: () => Promise.resolve(void steps.push("replaced")),
    assertWritable: () => Promise.resolve(void steps.push("writable")),
    lock: () =>
      Promise.resolve({
        renew: () => Promise.resolve(steps.push("renewed") > 0),
        release: () => Promise.resolve(),
      }),
  };
  const store = createAuthJsonStore(fakeEnvironment(), file, contentOf(login(0)));
  const refused = store.withLease(({ renew }) => renew(), () => Promise.resolve(false));
  await assertRejects(() => refused, KimiError, "/data/auth.json holds no JSON object");
  assertEquals(steps, []);
});
