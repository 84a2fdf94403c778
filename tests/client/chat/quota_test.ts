/** A chat that was refused for quota: what the service is asked, and what the user reads. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Answer, SentRequest } from "../../support/environment.ts";
import { NEWER_USAGES, OLDER_USAGES } from "../../support/fake/kimi.ts";
import { apiError, assertFinal, type ChatSetup, chatSetup, init, URL_OF_CHAT } from "./fixtures.ts";
import { html, login } from "../fixtures.ts";

const LIMIT = "You've reached your weekly (7-day) usage limit";

/** A plan whose month of coding is used up, and whose week is nearly. */
const FULL = {
  usages: {
    limit_5h: { used_ratio: 0.4, reset_time: "2030-01-01T14:53:05Z" },
    limit_7d: { used_ratio: 1, reset_time: "2030-01-08T15:53:05Z" },
  },
};

async function refused(
  usages: Answer,
  changes: Parameters<typeof chatSetup>[1] = {},
): Promise<ChatSetup> {
  return await chatSetup(
    (sent) =>
      sent.method === "GET" ? usages(sent) : apiError(403, "access_terminated_error", LIMIT),
    changes,
  );
}

function questions({ chats }: ChatSetup): readonly SentRequest[] {
  return chats().filter(({ method }) => method === "GET");
}

Deno.test("contract 13: a refused quota names its window and the reset by the user's clock", async () => {
  const made = await refused(() => Response.json(FULL));
  const { status, message, type } = await assertFinal(await made.talk.fetch(URL_OF_CHAT, init()));
  assertEquals([status, type], [403, "kimi_quota"]);
  assertMatch(
    message,
    /quota is used up: .+\. Used up: week, which resets at 2030-01-08T21:38 here/,
  );
  assertEquals(questions(made).map(({ url, headers }) => [url, headers.authorization]), [
    ["https://api.kimi.com/coding/v1/usages", "Bearer SECRET-a0"],
  ]);
});

Deno.test("contract 10: a refused quota causes no refresh and no second try", async () => {
  const made = await refused(() => new Response("{}", { status: 401 }), { stored: login(451) });
  await assertFinal(await made.talk.fetch(URL_OF_CHAT, init()));
  assertEquals([made.chats().length, made.refreshes().length], [2, 0]);
});

Deno.test("the refused quota is explained whatever the service answers about the usage", async () => {
  const answers: readonly Answer[] = [
    () => Promise.reject(new TypeError("fetch failed")),
    () => new Response("", { status: 503 }),
    () => html(200),
    () => Response.json({}),
    () => Response.json(OLDER_USAGES),
    () => Response.json({ usages: { limit_7d: { used_ratio: "much", reset_time: "soon" } } }),
  ];
  for (const usages of answers) {
    const { status, message } = await assertFinal(
      await (await refused(usages)).talk.fetch(URL_OF_CHAT, init()),
    );
    assertEquals(status, 403);
    assertMatch(message, /quota is used up: [^.]+\.kimi\.com\/code\. Kimi says: You've reached/);
  }
});

Deno.test("the usage is asked of the region of the login", async () => {
  const hosts = { oauth: "https://auth.kimi.ai", api: "https://api.kimi.ai/coding/v1" };
  const made = await refused(() => Response.json(NEWER_USAGES), { stored: login(900, "0", hosts) });
  const { message } = await assertFinal(await made.talk.fetch(URL_OF_CHAT, init()));
  assertMatch(
    message,
    /www\.kimi\.ai\/code\. Used up: month, coding, which resets at 2030-02-01T05:45/,
  );
  assertEquals(questions(made).map(({ url }) => url), ["https://api.kimi.ai/coding/v1/usages"]);
});

Deno.test("other errors do not ask for the usage", async () => {
  for (
    const [status, type] of [[402, "x"], [403, "x"], [429, "rate_limit_reached_error"]] as const
  ) {
    const made = await chatSetup(() => apiError(status, type, "no"));
    await made.talk.fetch(URL_OF_CHAT, init());
    assertEquals(questions(made), []);
  }
});
