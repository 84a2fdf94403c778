import { assertEquals, assertNotMatch, assertRejects } from "@std/assert";
import { createOpencodeStore } from "../../../../lib/opencode/v1/credential_store.ts";
import type { OpencodeClient } from "../../../../lib/opencode/v1/types.ts";
import { login } from "../../../client/fixtures.ts";
import { fakeEnvironment, NOW } from "../../../support/environment.ts";
import { fakeOpencode, ID, oauthEntry } from "../fixtures.ts";

function answering(set: OpencodeClient["auth"]["set"]): OpencodeClient {
  return { auth: { set } };
}

Deno.test("the entry is read anew each time", async () => {
  const opencode = fakeOpencode(undefined);
  const store = createOpencodeStore(fakeEnvironment(), opencode.client, opencode.getAuth);
  assertEquals(await store.read(), undefined);
  opencode.entry = oauthEntry();
  assertEquals((await store.read())?.access, "SECRET-a0");
  opencode.entry = oauthEntry(900, { access: "SECRET-a7" });
  assertEquals((await store.read())?.access, "SECRET-a7");
  opencode.entry = oauthEntry(700, { access: "SECRET-a7" });
  assertEquals((await store.read())?.expires, NOW + 700_000);
  opencode.entry = oauthEntry(700, { access: "SECRET-a7", refresh: "SECRET-r9" });
  assertEquals((await store.read())?.refresh, "SECRET-r9");
  opencode.entry = { type: "api", key: "k" };
  assertEquals(await store.read(), undefined);
});

Deno.test("without a folder for auth.json, a login is stored through opencode, as an entry of its own form", async () => {
  const hosts = { oauth: "https://auth.kimi.ai", api: "https://api.kimi.ai/coding/v1" };
  const opencode = fakeOpencode(oauthEntry());
  const store = createOpencodeStore(fakeEnvironment(), opencode.client, opencode.getAuth);
  assertEquals(await store.update(login(), login(900, "0", hosts)), "stored");
  assertEquals(opencode.set, [{
    [ID]: {
      type: "oauth",
      access: "SECRET-a0",
      refresh: "SECRET-r0",
      expires: NOW + 900_000,
      enterpriseUrl: "https://auth.kimi.ai https://api.kimi.ai/coding/v1",
    },
  }]);
  assertEquals((await store.read())?.hosts, hosts);
});

Deno.test("an entry that opencode refuses is an error that names its cause", async () => {
  const clients = [
    answering(() => Promise.resolve({ error: { name: "BadRequest" } })),
    answering(() => Promise.reject(new Error("BadRequest"))),
    answering(() => Promise.resolve({ data: undefined, error: "BadRequest", response: {} })),
  ];
  for (const client of clients) {
    const store = createOpencodeStore(
      fakeEnvironment(),
      client,
      () => Promise.resolve(oauthEntry()),
    );
    await assertRejects(() => store.update(login(), login()), Error, "BadRequest");
  }
});

Deno.test("an entry that opencode accepts is stored", async () => {
  for (const result of [undefined, null, true, { data: true }, { data: true, error: undefined }]) {
    const client = answering(() => Promise.resolve(result));
    const store = createOpencodeStore(
      fakeEnvironment(),
      client,
      () => Promise.resolve(oauthEntry()),
    );
    assertEquals(await store.update(login(), login()), "stored");
  }
});

// opencode 1.14.34 answers PUT /auth/:id with 400 and { data: <what was sent>, error, success }.
Deno.test("contract 8: a refusal that repeats the entry does not show its tokens", async () => {
  const client = answering(({ body }) =>
    Promise.resolve({ error: { data: body, error: [{ path: ["expires"] }], success: false } })
  );
  const store = createOpencodeStore(fakeEnvironment(), client, () => Promise.resolve(oauthEntry()));
  const error = await assertRejects(() => store.update(login(), login()), Error);
  assertNotMatch(Deno.inspect(error), /SECRET/);
});

Deno.test("contract 8: a refused value of a token is not shown", async () => {
  const client = answering(({ body }) =>
    Promise.resolve({ error: { message: `Expected a text, got ${body.access}` } })
  );
  const store = createOpencodeStore(fakeEnvironment(), client, () => Promise.resolve(oauthEntry()));
  const error = await assertRejects(() => store.update(login(), login()), Error);
  assertNotMatch(Deno.inspect(error), /SECRET/);
});

Deno.test("contract 11: without a folder, a logout or a newer login wins over what is to be stored", async () => {
  const opencode = fakeOpencode(oauthEntry());
  const store = createOpencodeStore(fakeEnvironment(), opencode.client, opencode.getAuth);
  for (const entry of [undefined, oauthEntry(900, { refresh: "SECRET-r9" })]) {
    opencode.entry = entry;
    assertEquals(await store.update(login(), login(900, "1")), "superseded");
  }
  assertEquals(opencode.set, []);
});

Deno.test("without a folder, a refresh needs no lease", async () => {
  const opencode = fakeOpencode(oauthEntry());
  const store = createOpencodeStore(fakeEnvironment(), opencode.client, opencode.getAuth);
  const renewed = await store.withLease(({ renew }) => renew(), () => Promise.resolve(false));
  assertEquals(renewed, true);
});
