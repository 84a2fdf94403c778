import { assert, assertEquals, assertRejects } from "@std/assert";
import { at, chat, events, get, HELLO, IDENTITY, refresh, said } from "./client.ts";
import { createFaultPicker, createRandom } from "../faults.ts";
import { type Fault, startFakeKimi } from "../kimi.ts";

Deno.test("a fault hits the next requests of its kind and is removed after its last one", async () => {
  const body = { error: { message: "busy", type: "engine_overloaded_error" } };
  const answer = { status: 429, headers: { "Retry-After": "1" }, body };
  await using fake = await startFakeKimi({ faults: [{ kind: "chat", times: 2, skip: 1, answer }] });
  const { access_token } = fake.issueTokens();
  assertEquals((await get(fake, "models", access_token)).status, 200);
  assertEquals((await chat(fake, access_token)).status, 200);
  const hit = await chat(fake, access_token);
  assertEquals([hit.status, hit.headers.get("retry-after")], [429, "1"]);
  assertEquals(hit.at(), body);
  assertEquals((await chat(fake, access_token)).status, 429);
  assertEquals(fake.settings.faults, []);
  assertEquals((await chat(fake, access_token)).status, 200);
});

Deno.test("the probability of a fault follows the seed", () => {
  const draw = (seed: number) => {
    const pick = createFaultPicker(createRandom(seed));
    const faults: Fault[] = [{ probability: 0.3, answer: "html" }];
    return Array.from({ length: 1000 }, () => pick(faults, "refresh") !== undefined);
  };
  assertEquals(draw(7), draw(7));
  const hits = draw(7).filter(Boolean).length;
  assert(hits > 240 && hits < 360, String(hits));
});

Deno.test("a connection dropped before the work leaves the refresh token valid", async () => {
  await using fake = await startFakeKimi({ faults: [{ kind: "refresh", answer: "drop-before" }] });
  const { refresh_token } = fake.issueTokens();
  await assertRejects(() => refresh(fake, refresh_token), TypeError);
  assertEquals([fake.refreshes, fake.requests[0]?.status], [0, 0]);
  assertEquals((await refresh(fake, refresh_token)).status, 200);
});

Deno.test("a connection dropped after the work has spent the refresh token, and sending it again revokes the chain", async () => {
  await using fake = await startFakeKimi({ faults: [{ kind: "refresh", answer: "drop-after" }] });
  const { refresh_token } = fake.issueTokens();
  await assertRejects(() => refresh(fake, refresh_token), TypeError);
  assertEquals([fake.refreshes, fake.requests[0]?.status], [1, 0]);
  assertEquals((await refresh(fake, refresh_token)).at("error"), "invalid_grant");
  assertEquals(fake.revokedChains, 1);
});

Deno.test("without keep-alive no runtime resends a dropped request", async () => {
  await using fake = await startFakeKimi({ keepAlive: false });
  const { access_token, refresh_token } = fake.issueTokens();
  const { headers } = await get(fake, "models", access_token);
  assertEquals(headers.get("connection"), "close");
  fake.settings.faults.push({ kind: "refresh", answer: "drop-after" });
  await assertRejects(() => refresh(fake, refresh_token), TypeError);
  assertEquals([fake.requestsOf("refresh").length, fake.revokedChains], [1, 0]);
});

Deno.test("a fixed answer can replace that of finished work", async () => {
  const fault: Fault = { kind: "refresh", answer: { status: 502 }, work: true };
  await using fake = await startFakeKimi({ faults: [fault] });
  const { refresh_token } = fake.issueTokens();
  assertEquals((await refresh(fake, refresh_token)).status, 502);
  assertEquals(fake.refreshes, 1);
});

Deno.test("a portal answers with an HTML page", async () => {
  await using fake = await startFakeKimi({ faults: [{ answer: "html" }] });
  const { status, headers, text } = await refresh(fake, fake.issueTokens().refresh_token);
  assertEquals([status, headers.get("content-type")], [403, "text/html; charset=utf-8"]);
  assert(text.startsWith("<!doctype html>"));
});

Deno.test("a request can be delayed before and after the work", async () => {
  await using fake = await startFakeKimi({
    faults: [{ delay: 5, kind: "refresh" }, { delayAfter: 5, kind: "refresh" }],
  });
  const { refresh_token } = fake.issueTokens();
  const second = await refresh(fake, refresh_token);
  assertEquals(second.status, 200);
  assertEquals((await refresh(fake, second.string("refresh_token"))).status, 200);
});

Deno.test("a hanging request ends when the fake is closed", async () => {
  const fake = await startFakeKimi({ faults: [{ answer: "hang" }] });
  const hanging = assertRejects(() => get(fake, "models", "x"), TypeError);
  while (fake.requests.length === 0) await get(fake, "usages", "x");
  await fake.close();
  await hanging;
});

Deno.test("a stream cut anywhere, with CRLF, has the same content", async () => {
  await using fake = await startFakeKimi({ stream: { cut: 5, crlf: true } });
  const { text } = await chat(fake, fake.issueTokens().access_token, {
    ...HELLO,
    messages: [{ role: "user", content: "[[echo:修复 🙂]]" }],
  });
  assertEquals(said(text), "修复 🙂");
  assert(text.endsWith("data: [DONE]\r\n\r\n"));
  assertEquals(fake.requests[0]?.answer, text);
});

Deno.test("an error in the middle of a stream ends it without DONE", async () => {
  await using fake = await startFakeKimi({ faults: [{ kind: "chat", stream: { errorAfter: 2 } }] });
  const { access_token } = fake.issueTokens();
  const { text } = await chat(fake, access_token);
  assertEquals(events(text).length, 3);
  assertEquals(at(events(text), -1, "error", "type"), "engine_overloaded_error");
  assert((await chat(fake, access_token)).text.endsWith("[DONE]\n\n"));
});

Deno.test("a connection lost in the middle fails the read after the bytes that were sent", async () => {
  await using fake = await startFakeKimi({ stream: { dropAfter: 2 } });
  const { access_token } = fake.issueTokens();
  await assertRejects(() => chat(fake, access_token), TypeError);
  assertEquals(events(fake.requests[0]?.answer ?? "").length, 2);
});

Deno.test("a client that disconnects ends the writing", async () => {
  await using fake = await startFakeKimi({ stream: { delay: 1 } });
  const { access_token } = fake.issueTokens();
  const response = await fetch(`${fake.apiBase}/chat/completions`, {
    method: "POST",
    headers: { ...IDENTITY, Authorization: `Bearer ${access_token}` },
    body: JSON.stringify({ ...HELLO, messages: [{ role: "user", content: "[[long:9000]]" }] }),
  });
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  while (!fake.requests[0]?.aborted) await get(fake, "models", access_token);
  assert(!fake.requests[0].answer.includes("[DONE]"));
});
