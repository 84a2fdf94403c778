import { assert, assertEquals, assertMatch } from "@std/assert";
import { chat, control, get, HELLO, IDENTITY, postForm } from "./client.ts";
import { type FakeKimi, startFakeKimi } from "../kimi.ts";

async function rawAnswer(fake: FakeKimi, request: string): Promise<string> {
  const connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(fake.url).port),
  });
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}

Deno.test("headers are recorded in the order and spelling received", async () => {
  await using fake = await startFakeKimi();
  const answer = await rawAnswer(
    fake,
    "GET /coding/v1/models?x=%C3%A9 HTTP/1.1\r\nHost: localhost\r\nX-Msh-Os-Version: #1 SMP\r\n" +
      "x-stainless-async: async:asyncio\r\nACCEPT: */*\r\nX-Dup: b\r\nX-Dup: a\r\n" +
      "Connection: close\r\n\r\n",
  );
  assertMatch(answer, /^HTTP\/1.1 401 /);
  const [request] = fake.requests;
  assertEquals(request?.headers, [
    ["Host", "localhost"],
    ["X-Msh-Os-Version", "#1 SMP"],
    ["x-stainless-async", "async:asyncio"],
    ["ACCEPT", "*/*"],
    ["X-Dup", "b"],
    ["X-Dup", "a"],
    ["Connection", "close"],
  ]);
  assertEquals(request?.path, "/coding/v1/models?x=%C3%A9");
  assertEquals(request?.status, 401);
});

Deno.test("the record keeps body, kind and answer", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  const { text } = await chat(fake, access_token);
  const [request] = fake.requestsOf("chat");
  assertEquals(request?.body, JSON.stringify(HELLO));
  assertEquals(request?.answer, text);
  assertEquals([request?.method, request?.status, request?.aborted], ["POST", 200, false]);
});

Deno.test("an identity other than kimi-cli's is refused", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  const { "X-Msh-Device-Id": _, ...missing } = IDENTITY;
  const wrong: readonly Readonly<Record<string, string>>[] = [
    missing,
    { ...IDENTITY, "User-Agent": "KimiCLI/1.50.0" },
    { ...IDENTITY, "User-Agent": "opencode/1.18.33 ai-sdk/provider-utils/4.0.23" },
    { ...IDENTITY, "X-Msh-Device-Id": "" },
    { ...IDENTITY, "X-Msh-Platform": "kimi_code_cli" },
    { ...IDENTITY, "x-session-affinity": "ses_1" },
    { ...IDENTITY, "x-parent-session-id": "ses_1" },
    { ...IDENTITY, "User-Agent": "Python/3.13 aiohttp/3.13.3" },
  ];
  for (const headers of wrong) {
    const answer = await chat(fake, access_token, HELLO, headers);
    assertEquals(answer.status, 403, headers["User-Agent"]);
    assertEquals(answer.at("error", "type"), "access_terminated_error");
  }
  assertEquals((await postForm(fake, "device_authorization", {}, missing)).status, 403);
});

Deno.test("X-Stainless headers, and aiohttp's agent on OAuth, are tolerated", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  const stainless = { ...IDENTITY, "X-Stainless-Lang": "python" };
  assertEquals((await chat(fake, access_token, HELLO, stainless)).status, 200);
  const aiohttp = { ...IDENTITY, "User-Agent": "Python/3.13 aiohttp/3.13.3" };
  assertEquals((await postForm(fake, "device_authorization", {}, aiohttp)).status, 200);
});

Deno.test("the identity opencode needs its own User-Agent and no X-Msh header", async () => {
  await using fake = await startFakeKimi({ identity: "opencode" });
  const { access_token } = fake.issueTokens();
  const honest = { "User-Agent": "opencode-kimi-full/0.1.0" };
  assertEquals((await chat(fake, access_token, HELLO, honest)).status, 200);
  assertEquals((await chat(fake, access_token, HELLO, IDENTITY)).status, 403);
  const mixed = { ...honest, "X-Msh-Platform": "kimi_cli" };
  assertEquals((await chat(fake, access_token, HELLO, mixed)).status, 403);
});

Deno.test("models and usages need a bearer token but no X-Msh header", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  const models = await get(fake, "models", access_token);
  assertEquals(models.at("data", 0, "id"), "kimi-for-coding");
  assertEquals(models.at("last_id"), "kimi-for-coding");
  assertEquals((await get(fake, "usages", access_token)).at("usage", "limit"), "100");
  for (const path of ["models", "usages"]) {
    const answer = await get(fake, path, "unknown");
    assertEquals(answer.status, 401);
    assertEquals(answer.at("error", "type"), "invalid_authentication_error");
    assert(answer.headers.get("x-trace-id"));
  }
});

Deno.test("a path that Kimi does not have answers 404", async () => {
  await using fake = await startFakeKimi();
  assertEquals((await get(fake, "nothing", "x")).status, 404);
  assertEquals(fake.requests[0]?.kind, "other");
});

Deno.test("other processes can change and read the fake over HTTP", async () => {
  await using fake = await startFakeKimi();
  await control(fake, "POST", "settings", { traceId: "trace-429" });
  await control(fake, "POST", "faults", { kind: "models", answer: { status: 503 } });
  const tokens = await control(fake, "POST", "tokens", { lifetime: 60 });
  assertEquals(tokens.at("expires_in"), 60);
  const token = tokens.string("access_token");
  const failed = await get(fake, "models", token);
  assertEquals([failed.status, failed.headers.get("x-trace-id")], [503, "trace-429"]);
  assertEquals((await get(fake, "models", token)).status, 200);
  await control(fake, "POST", "expire");
  assertEquals((await get(fake, "usages", token)).status, 401);
  const state = await control(fake, "GET", "state");
  assertEquals(state.at("counts"), { models: 2, usages: 1 });
  const record = await control(fake, "GET", "requests?kind=models");
  assertEquals([record.at(0, "status"), record.at(1, "status"), record.at(2)], [
    503,
    200,
    undefined,
  ]);
  await control(fake, "DELETE", "requests");
  assertEquals(fake.requests.length, 0);
});

Deno.test("the fake as a process prints its address and ends with its stdin", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("../main.ts", import.meta.url).href, '{"tokenLifetime":7}'],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const { url } = JSON.parse(value);
  const response = await fetch(`${url}/__fake/tokens`, { method: "POST" });
  assertEquals((await response.json()).expires_in, 7);
  await child.stdin.close();
  assertEquals((await child.status).code, 0);
  await reader.cancel();
});
