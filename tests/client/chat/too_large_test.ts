/** Conversations over the service's limits reach opencode as an answer, after which it compacts. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { MAX_REQUEST_BYTES } from "../../../lib/kimi/chat/images.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { afterAnswer } from "../../support/opencode/retry.ts";
import { html } from "../fixtures.ts";
import { apiError, assertFinal, chatSetup, events, init, URL_OF_CHAT } from "./fixtures.ts";

function body(content: unknown): JsonObject {
  return { model: "k3", messages: [{ role: "user", content }], stream: true };
}

function image(size: number): JsonObject {
  const data = `iVBORw0KGgo${"A".repeat(size)}`;
  return { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } };
}

/** Bytes of the message around its text: `[{"role":"user","content":""}]`. */
const AROUND = 30;
const LIMIT = 2_097_152;

const TOO_LARGE: readonly (readonly [name: string, content: unknown, words: string])[] = [
  ["images over 100 MB", [image(MAX_REQUEST_BYTES)], "images of this conversation are over 100 MB"],
  [
    "text over 2 MiB",
    "x".repeat(LIMIT - AROUND + 1),
    "messages of this conversation are over 2 MiB",
  ],
  [
    "two-byte text over 2 MiB",
    "é".repeat(LIMIT / 2),
    "messages of this conversation are over 2 MiB",
  ],
];

for (const [name, content, words] of TOO_LARGE) {
  Deno.test(`${name} is answered so that opencode compacts, and is not sent`, async () => {
    const { talk, environment } = await chatSetup(() => events("[DONE]"));
    const made = JSON.stringify(talk.transformRequestBody(body(content)));
    const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init({ body: made })));
    assertEquals([error.status, error.type], [413, "kimi_too_large"]);
    assertStringIncludes(error.message, words);
    assertEquals(afterAnswer(error.status, error.text), ["compact", "compact"]);
    assertEquals(environment.sent, []);
    const next = JSON.stringify(talk.transformRequestBody(body("hi")));
    assertEquals((await talk.fetch(URL_OF_CHAT, init({ body: next }))).status, 200);
  });
}

Deno.test("a gateway's page with a 413 makes opencode compact, and is not shown", async () => {
  const { talk } = await chatSetup(() => html(413));
  const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
  assertEquals([error.status, error.type, error.text.includes("<")], [
    413,
    "kimi_too_large",
    false,
  ]);
  assertEquals(afterAnswer(error.status, error.text), ["compact", "compact"]);
});

Deno.test("text of 2 MiB is sent, and so are images beside a long text", async () => {
  const { talk, chats } = await chatSetup(() => events("[DONE]"));
  const text = { type: "text", text: "x".repeat(LIMIT - 200) };
  for (const content of ["x".repeat(LIMIT - AROUND), [text, image(1_000_000)]]) {
    const made = JSON.stringify(talk.transformRequestBody(body(content)));
    assertEquals((await talk.fetch(URL_OF_CHAT, init({ body: made }))).status, 200);
  }
  assertEquals(chats().length, 2);
});

Deno.test("a refused identity says to wait only if this process was answered before", async () => {
  const answers = [
    apiError(403, "access_terminated_error", "only available for Coding Agents"),
    events("[DONE]"),
    apiError(403, "access_terminated_error", "only available for Coding Agents"),
  ];
  const { talk } = await chatSetup(() => answers.shift() ?? events());
  const ask = () => talk.fetch(URL_OF_CHAT, init());
  const first = await assertFinal(await ask());
  await (await ask()).text();
  const later = await assertFinal(await ask());
  assertEquals([first, later].map(({ message }) => message.includes("so wait a while")), [
    false,
    true,
  ]);
});
