import { assertEquals, assertRejects } from "@std/assert";
import { type Credential, credentialFromTokens } from "../../../lib/client/tokens/credential.ts";
import { createAuthorizedFetch } from "../../../lib/client/chat/authorized_fetch.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { type Hosts, REGIONS } from "../../../lib/kimi/identity/regions.ts";
import { DEVICE, fakeEnvironment, NOW } from "../../support/environment.ts";

const FROM = "https://api.kimi.com/coding/v1";

function login(access: string, hosts?: Hosts): Credential {
  return credentialFromTokens(
    { accessToken: access, refreshToken: "r", expiresIn: 900 },
    NOW,
    hosts,
  );
}

/** A sender, and what can change between two requests. */
function sending() {
  const environment = fakeEnvironment({ answer: () => new Response("done") });
  const state = { login: login("first"), device: DEVICE };
  const current = () => Promise.resolve(state.login);
  const send = createAuthorizedFetch(
    { ...environment, device: () => Promise.resolve(state.device) },
    { current, renew: current },
    { client: "kimi-cli", base: ({ hosts }) => ({ from: FROM, to: hosts?.api ?? FROM }) },
  );
  const sent = async (path: string) => {
    await send(`${FROM}${path}`, { method: "POST", body: "{}" });
    const { url, headers } = environment.sent.at(-1) ?? {};
    return [url, headers?.authorization, headers?.["x-msh-device-id"]];
  };
  return { state, sent, count: () => environment.sent.length };
}

Deno.test("contract 8: from its first request on, a newer login goes to its own hosts", async () => {
  const { state, sent } = sending();
  const id = DEVICE.id;
  assertEquals(await sent("/chat"), [`${FROM}/chat`, "Bearer first", id]);
  assertEquals(await sent("/chat"), [`${FROM}/chat`, "Bearer first", id]);
  state.login = login("second", REGIONS.ai);
  assertEquals(await sent("/chat"), [`${REGIONS.ai.api}/chat`, "Bearer second", id]);
  assertEquals(await sent("/other"), [`${REGIONS.ai.api}/other`, "Bearer second", id]);
});

Deno.test("contract 8: each login and each URL is checked, the first time and the next", async () => {
  const { state, sent, count } = sending();
  await sent("/chat");
  state.login = login("second", { oauth: "https://auth.example", api: "http://proxy.example/v1" });
  for (let time = 0; time < 2; time++) {
    const error = await assertRejects(() => sent("/chat"), KimiError, "http://proxy.example");
    assertEquals([error.code, count()], ["untrusted_host", 1]);
  }
});

Deno.test("contract 7: a changed device changes the headers of the next request", async () => {
  const { state, sent } = sending();
  await sent("/chat");
  state.device = { ...DEVICE, id: "f".repeat(32) };
  assertEquals((await sent("/chat"))[2], "f".repeat(32));
});
