import { assert, assertEquals, assertMatch } from "@std/assert";
import { SERVED } from "../../support/opencode_v2/host.ts";
import { ID, type Stage, stage } from "./stage.ts";

async function begin(at: Stage, methodID = "oauth") {
  return await at.location.attempts.connect({ integrationID: ID, methodID });
}

for (const version of SERVED) {
  Deno.test(`on ${version}, a login is a row with one key of metadata, and an entry of auth.json`, async () => {
    await using at = await stage({ version });
    await at.logIn();
    const [row] = at.host.table.list(ID);
    const { access, refresh, metadata, ...others } = row!.value;
    assertEquals(others, { type: "oauth", methodID: "oauth", expires: others.expires });
    assertEquals(Object.keys(metadata as object), ["kimiForCoding"]);
    assertEquals([at.entry()?.access, at.entry()?.refresh], [access, refresh]);
    assertEquals([row?.active, row?.label], [true, "Kimi account (kimi.com) …user"]);
    assertEquals(at.location.plugins().map(({ state }) => state), ["active"]);
  });
}

Deno.test("a login shows URL, code and expiry", async () => {
  await using at = await stage();
  const attempt = await begin(at);
  assertEquals(attempt.mode, "auto");
  assertMatch(
    attempt.instructions,
    /^Open https?:\S+\. Confirm the code [A-Z0-9-]+ in the browser/,
  );
  assert(attempt.instructions.includes(attempt.url));
  const { deviceExpiresIn } = at.fake.settings;
  assertEquals(attempt.time.expires - at.environment.time, deviceExpiresIn * 1000);
  at.fake.authorizeDevice();
  await at.location.attempts.ended(attempt.attemptID);
});

Deno.test("both regions have a method", async () => {
  await using at = await stage();
  const methods = at.location.integrations().get(ID)?.methods.map(({ id }) => id);
  assertEquals(methods, ["oauth", "oauth-ai"]);
});

Deno.test("a login without a network is an attempt that failed, with the reason", async () => {
  await using at = await stage({ variables: { KIMI_CODE_OAUTH_HOST: "http://127.0.0.1:9" } });
  const { attemptID, url } = await begin(at);
  assertEquals(url, "https://www.kimi.com/code");
  const { status, message } = await at.location.attempts.ended(attemptID);
  assertEquals(status, "failed");
  assertMatch(message ?? "", /^Login: 127\.0\.0\.1:9 /);
  assertEquals(at.host.table.list(ID), []);
});

Deno.test("a login that the user refuses fails with the reason", async () => {
  await using at = await stage();
  const { attemptID } = await begin(at);
  at.fake.denyDevice();
  const { status, message } = await at.location.attempts.ended(attemptID);
  assertEquals(status, "failed");
  assertMatch(message ?? "", /refused|denied/);
});

Deno.test("the wait for a user who went away ends with the code", async () => {
  await using at = await stage();
  at.fake.settings.autoAuthorizeAfterPolls = null;
  const { attemptID, time } = await begin(at);
  at.location.attempts.cancel(attemptID);
  assertEquals((await at.location.attempts.ended(attemptID)).status, "cancelled");
  assert(at.environment.time >= time.expires);
  assertEquals([at.entry(), at.host.table.list(ID)], [undefined, []]);
});

Deno.test("the wait for a user ends when opencode unloads the plugin", async () => {
  await using at = await stage();
  const { attemptID } = await begin(at);
  await at.location.evict();
  const { status, message } = await at.location.attempts.ended(attemptID);
  assertEquals([status, message], ["failed", "Login: cancelled"]);
});

Deno.test("an auth.json that is no JSON fails the login before the user is asked, and keeps its bytes", async () => {
  await using at = await stage();
  const path = `${at.folder}/auth.json`;
  await Deno.writeTextFile(path, "{ broken");
  const { attemptID } = await begin(at);
  const { status, message } = await at.location.attempts.ended(attemptID);
  assertEquals(status, "failed");
  assertMatch(message ?? "", /auth\.json holds no JSON object, and was left as it is: repair it/);
  assertEquals([await Deno.readTextFile(path), at.fake.requests.length], ["{ broken", 0]);
});

Deno.test("contract 11: a login keeps the entries of other providers", async () => {
  await using at = await stage();
  at.write({ other: { type: "api", key: "kept" } });
  await at.logIn();
  const text = await Deno.readTextFile(`${at.folder}/auth.json`);
  assertEquals(JSON.parse(text).other, { type: "api", key: "kept" });
});
