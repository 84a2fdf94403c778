/** A chat whose request did not reach Kimi. */

import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { Answer } from "../../support/environment.ts";
import { html, login } from "../fixtures.ts";
import { assertFinal, chatSetup, init, readError, URL_OF_CHAT } from "./fixtures.ts";

Deno.test("contract 10: a web page with a 401 is named, and spends no refresh token", async () => {
  const { talk, chats, refreshes } = await chatSetup(() => html(401));
  const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
  assertEquals([error.status, error.type, chats().length, refreshes()], [
    401,
    "kimi_portal",
    1,
    [],
  ]);
  assertMatch(error.message, /^Chat: api\.kimi\.com did not answer: a web page came in its place/);
});

Deno.test("contract 13: a proxy that asks for a password is named, and ends the turn", async () => {
  const { talk } = await chatSetup(() => new Response("<html>proxy</html>", { status: 407 }));
  const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
  assertEquals([error.status, error.type], [407, "kimi_proxy"]);
  assertMatch(error.message, /the proxy asks for a password \(407\): put user and password into/);
});

/** A rejection as Bun's fetch makes it. */
function bun(code: string): Answer {
  return () => Promise.reject(Object.assign(new Error(`${code} fetching "x"`), { code }));
}

Deno.test("contract 13: a SOCKS proxy is final, in the chat and in a refresh", async () => {
  const socks = bun("UnsupportedProxyProtocol");
  for (
    const [stored, doing] of [[login(), "Chat: api"], [login(0), "Token refresh: auth"]] as const
  ) {
    const { talk, environment } = await chatSetup(socks, { stored, oauth: socks });
    const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
    assertEquals([error.status, environment.sent.length], [400, 1]);
    assertEquals(
      error.message,
      `${doing}.kimi.com cannot be reached: a SOCKS proxy cannot be used: ` +
        "set HTTPS_PROXY and HTTP_PROXY to an http:// one",
    );
  }
});

Deno.test("a chat that was not sent is answered with the reason, so that opencode tries again", async () => {
  const rows = [
    ["ECONNREFUSED", "unreachable", /^Chat: api\.kimi\.com refuses connections: check the host/],
    ["ENOTFOUND", "unreachable", /^Chat: api\.kimi\.com is not known to the name server/],
    ["CERT_HAS_EXPIRED", "unreachable", /^Chat: api\.kimi\.com could not prove its identity/],
    ["UND_ERR_HEADERS_TIMEOUT", "network", /^Chat: api\.kimi\.com did not answer in time/],
  ] as const;
  for (const [code, type, message] of rows) {
    const error = await readError(
      await (await chatSetup(bun(code))).talk.fetch(URL_OF_CHAT, init()),
    );
    assertEquals([error.status, error.type], [503, `kimi_${type}`]);
    assertMatch(error.message, message);
  }
});

Deno.test("a refresh that Kimi may answer later is not final, whatever its answer mentions", async () => {
  const message = "no certificate (407)";
  const oauth = () => Response.json({ message }, { status: 503 });
  const { talk } = await chatSetup(() => html(200), { stored: login(0), oauth });
  assertEquals((await readError(await talk.fetch(URL_OF_CHAT, init()))).status, 503);
});

Deno.test("what fetch throws is thrown if the connection was lost or the caller has aborted", async () => {
  const lost = Object.assign(new Error("socket closed"), { code: "ECONNRESET" });
  const made = await chatSetup(() => Promise.reject(lost));
  assertStrictEquals(await made.talk.fetch(URL_OF_CHAT, init()).catch((error) => error), lost);
  const stop = new AbortController();
  const { talk } = await chatSetup(() => (stop.abort("escape"), new Promise(() => {})));
  const aborted = talk.fetch(URL_OF_CHAT, init({ signal: stop.signal }));
  assertEquals(await aborted.catch((error) => error), "escape");
});
