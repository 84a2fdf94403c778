import { assert, assertEquals, assertMatch } from "@std/assert";
import { chat, get, IDENTITY, poll, postForm, refresh } from "./client.ts";
import { type FakeKimi, startFakeKimi, TOKEN_MARKER } from "../kimi.ts";

async function newDevice(fake: FakeKimi): Promise<string> {
  return (await postForm(fake, "device_authorization", {})).string("device_code");
}

Deno.test("a device login is pending once, then returns tokens exactly once", async () => {
  await using fake = await startFakeKimi();
  const device = await postForm(fake, "device_authorization", { scope: "kimi-code" });
  assertMatch(device.string("user_code"), /^[A-Z]{4}-\d{4}$/);
  assertEquals(
    device.at("verification_uri_complete"),
    `https://www.kimi.com/code/authorize_device?user_code=${device.at("user_code")}`,
  );
  assertEquals([device.at("interval"), device.at("expires_in")], [5, 900]);
  const code = device.string("device_code");
  const pending = await poll(fake, code);
  assertEquals([pending.status, pending.at("error")], [400, "authorization_pending"]);
  const tokens = await poll(fake, code);
  assertEquals([tokens.at("token_type"), tokens.at("scope")], ["Bearer", "kimi-code"]);
  assertEquals((await chat(fake, tokens.string("access_token"))).status, 200);
  assertEquals((await poll(fake, code)).at("error"), "invalid_grant");
});

Deno.test("the user confirms or refuses a pending device code", async () => {
  await using fake = await startFakeKimi({ autoAuthorizeAfterPolls: null });
  const first = await newDevice(fake);
  assertEquals((await poll(fake, first)).at("error"), "authorization_pending");
  fake.denyDevice();
  assertEquals((await poll(fake, first)).at("error"), "access_denied");
  const second = await newDevice(fake);
  fake.authorizeDevice();
  assertEquals((await poll(fake, second)).status, 200);
});

Deno.test("a device code expires after its lifetime", async () => {
  await using fake = await startFakeKimi({ autoAuthorizeAfterPolls: 0 });
  const device_code = await newDevice(fake);
  fake.settings.clockOffset = 900;
  assertEquals((await poll(fake, device_code)).at("error"), "expired_token");
});

Deno.test("a poll within the interval answers slow_down if that is enforced", async () => {
  await using fake = await startFakeKimi({ enforceInterval: true, autoAuthorizeAfterPolls: 0 });
  const device_code = await newDevice(fake);
  fake.settings.autoAuthorizeAfterPolls = 2;
  assertEquals((await poll(fake, device_code)).at("error"), "authorization_pending");
  assertEquals((await poll(fake, device_code)).at("error"), "slow_down");
  fake.settings.clockOffset += 9;
  assertEquals((await poll(fake, device_code)).at("error"), "slow_down");
  fake.settings.clockOffset += 15;
  assertEquals((await poll(fake, device_code)).status, 200);
});

Deno.test("another client, scope, grant or content type is refused", async () => {
  await using fake = await startFakeKimi();
  const { refresh_token } = fake.issueTokens();
  const wrongClient = await postForm(fake, "device_authorization", { client_id: "x" });
  assertEquals([wrongClient.status, wrongClient.at("error")], [400, "invalid_client"]);
  const wrongScope = await postForm(fake, "device_authorization", { scope: "all" });
  assertEquals(wrongScope.at("error"), "invalid_scope");
  const wrongGrant = await postForm(fake, "token", { grant_type: "password" });
  assertEquals(wrongGrant.at("error"), "unsupported_grant_type");
  const headers = { ...IDENTITY, "Content-Type": "application/json" };
  const wrongType = await postForm(fake, "token", { refresh_token }, headers);
  assertEquals(wrongType.at("error"), "invalid_request");
  assertEquals((await poll(fake, "unknown")).at("error"), "invalid_grant");
});

Deno.test("every token looks like a JWT and carries the marker", async () => {
  await using fake = await startFakeKimi({ tokenLifetime: 900 });
  const { access_token, refresh_token } = fake.issueTokens({ lifetime: 60 });
  for (const token of [access_token, refresh_token]) {
    assertMatch(token, /^eyJ[\w-]+\.eyJ[\w-]+\.FAKETOKEN[\w-]+$/);
    assert(token.includes(TOKEN_MARKER));
  }
  const claims = JSON.parse(atob(access_token.split(".")[1] ?? ""));
  assertEquals([claims.exp - claims.iat, claims.scope, claims.region], [60, "kimi-code", "cn"]);
});

Deno.test("a refresh leaves the older access token valid until its own exp", async () => {
  await using fake = await startFakeKimi();
  const first = fake.issueTokens({ lifetime: 100 });
  const second = await refresh(fake, first.refresh_token);
  assertEquals([second.status, fake.refreshes], [200, 1]);
  for (const token of [first.access_token, second.string("access_token")]) {
    assertEquals((await get(fake, "models", token)).status, 200);
  }
  fake.settings.clockOffset = 101;
  assertEquals((await get(fake, "models", first.access_token)).status, 401);
  assertEquals((await get(fake, "models", second.string("access_token"))).status, 200);
});

Deno.test("a refresh can be set to end the older access token", async () => {
  await using fake = await startFakeKimi({ keepOlderAccessTokens: false });
  const first = fake.issueTokens();
  const second = await refresh(fake, first.refresh_token);
  assertEquals((await get(fake, "models", first.access_token)).status, 401);
  assertEquals((await get(fake, "models", second.string("access_token"))).status, 200);
});

Deno.test("a used refresh token revokes the whole chain", async () => {
  await using fake = await startFakeKimi();
  const other = fake.issueTokens();
  const first = fake.issueTokens();
  const second = await refresh(fake, first.refresh_token);
  const replay = await refresh(fake, first.refresh_token);
  assertEquals([replay.status, replay.at()], [400, {
    error: "invalid_grant",
    error_description: "The provided authorization grant is invalid",
  }]);
  assertEquals((await get(fake, "models", second.string("access_token"))).status, 401);
  assertEquals((await refresh(fake, second.string("refresh_token"))).at("error"), "invalid_grant");
  assertEquals([fake.revokedChains, fake.refreshes], [1, 1]);
  assertEquals((await get(fake, "models", other.access_token)).status, 200);
});

Deno.test("an unknown refresh token is invalid_grant and revokes nothing", async () => {
  await using fake = await startFakeKimi();
  assertEquals((await refresh(fake, "unknown")).at("error"), "invalid_grant");
  assertEquals(fake.revokedChains, 0);
});

Deno.test("expired access tokens answer 401 and can be refreshed", async () => {
  await using fake = await startFakeKimi();
  const first = fake.issueTokens();
  fake.expireAccessTokens();
  assertEquals((await chat(fake, first.access_token)).status, 401);
  const second = await refresh(fake, first.refresh_token);
  assertEquals((await chat(fake, second.string("access_token"))).status, 200);
});
