import { assertEquals } from "@std/assert";
import { gate, login, oauthError, rotating } from "../fixtures.ts";
import { apiError, chatSetup, events, FINISH, init, URL_OF_CHAT } from "./fixtures.ts";

Deno.test("contract 9: a request with a due token goes out at once, and its answer ends once the new one is stored", async () => {
  for (const answer of [() => events("[DONE]"), () => apiError(400, "invalid_request", "no")]) {
    const [asked, answered] = [gate(), gate()];
    const oauth = rotating();
    const { talk, chats, store } = await chatSetup(answer, {
      stored: login(400),
      oauth: async (request) => {
        asked.open();
        await answered.passed;
        return await oauth(request);
      },
    });
    const response = await talk.fetch(URL_OF_CHAT, init());
    assertEquals(chats().map(({ headers }) => headers.authorization), ["Bearer SECRET-a0"]);
    let isOver = false;
    const text = response.text().finally(() => isOver = true);
    await asked.passed;
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals([isOver, store.stored?.refresh], [false, "SECRET-r0"]);
    answered.open();
    await text;
    assertEquals(store.stored?.refresh, "SECRET-r1");
  }
});

Deno.test("contract 9: a refresh that fails beside a request costs the answer nothing", async () => {
  const { talk, environment } = await chatSetup(() => events("[DONE]"), {
    stored: login(400),
    oauth: () => oauthError("invalid_client"),
  });
  const response = await talk.fetch(URL_OF_CHAT, init());
  assertEquals([response.status, await response.text()], [
    200,
    `data: ${FINISH}\n\ndata: [DONE]\n\n`,
  ]);
  assertEquals(environment.logs.length, 1);
});

Deno.test("contract 9: an answer ends once a login that could not be stored at first is stored", async () => {
  const [again, room] = [gate(), gate()];
  const { talk, chats, store } = await chatSetup(() => events("[DONE]"), { stored: login(0) });
  const { write } = store;
  let tries = 0;
  store.write = async (login) => {
    if (++tries === 1) throw new Error("the disk is full");
    again.open();
    await room.passed;
    await write(login);
  };
  const response = await talk.fetch(URL_OF_CHAT, init());
  assertEquals(chats().map(({ headers }) => headers.authorization), ["Bearer SECRET-a1"]);
  let isOver = false;
  const text = response.text().finally(() => isOver = true);
  await again.passed;
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([isOver, store.stored?.refresh], [false, "SECRET-r0"]);
  room.open();
  await text;
  assertEquals(store.stored?.refresh, "SECRET-r1");
});
