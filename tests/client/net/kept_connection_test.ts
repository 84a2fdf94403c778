/** A chat is not sent again by the runtime behind the half of its answer. */

import { assertEquals } from "@std/assert";
import { repeatsPosts } from "../../../lib/client/net/kept_connection.ts";
import { runProcess } from "../../support/process.ts";
import { bunProgram } from "../../support/tools.ts";
import { chatSetup, events, init, URL_OF_CHAT } from "../chat/fixtures.ts";

Deno.test("repeatsPosts() is true for Bun before 1.3.14, and for no other runtime", () => {
  for (const bun of ["0.8.1", "1.2.20", "1.3.4", "1.3.13", "1.3.13-canary.1"]) {
    assertEquals(repeatsPosts({ bun, node: "24.3.0" }), true, bun);
  }
  for (const bun of ["1.3.14", "1.4.5", "2.0.0", "strange", ""]) {
    assertEquals(repeatsPosts({ bun }), false, bun);
  }
  assertEquals(repeatsPosts({ node: "22.1.0" }), false);
  assertEquals(repeatsPosts(), false);
});

Deno.test("a chat uses no kept connection in a Bun that sends a POST again", async () => {
  for (const [bun, keepalive] of [["1.3.13", false], ["1.3.14", undefined]] as const) {
    const { talk, chats } = await chatSetup(() => events(), { versions: { bun } });
    await (await talk.fetch(URL_OF_CHAT, init())).text();
    assertEquals(chats()[0]?.init.keepalive, keepalive, bun);
  }
});

const BEGIN =
  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/** Answers the first POST, and half of each later one: a GET then drops its connection. */
function breakingServer() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let posts = 0;
  let half: Deno.Conn | undefined;
  const answer = async (connection: Deno.Conn) => {
    const writer = (text: string) => connection.write(new TextEncoder().encode(text));
    const bytes = new Uint8Array(65_536);
    for (;;) {
      const read = await connection.read(bytes);
      if (read === null) break;
      const text = new TextDecoder().decode(bytes.subarray(0, read));
      if (text.startsWith("GET")) {
        half?.close();
        await writer("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        return connection.close();
      }
      if (!text.endsWith("{}")) continue;
      posts++;
      await writer(`${BEGIN}6\r\nhalf ${posts}\r\n`);
      half = connection;
      if (posts === 1) await writer("0\r\n\r\n");
    }
    connection.close();
  };
  const serving = (async () => {
    for await (const connection of listener) answer(connection).catch(() => {});
  })();
  return {
    port: listener.addr.port,
    posts: () => posts,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

/** Prints what comes of the second of two questions. */
const ASK = `
const { createAuthorizedFetch } = await import(process.argv[1]);
const [base, isPlain] = process.argv.slice(2);
const current = () => Promise.resolve({ access: "a", refresh: "r", expires: Date.now() + 900000 });
const environment = { fetch, versions: isPlain ? {} : process.versions, device: () => Promise.resolve({}) };
const send = createAuthorizedFetch(environment, { current, renew: current }, {
  client: "opencode",
  base: () => ({ from: base, to: base }),
});
const ask = async () => (await send(base, { method: "POST", body: "{}" })).response.body;
for await (const _ of await ask());
let text = "";
try {
  for await (const chunk of await ask()) {
    text += new TextDecoder().decode(chunk);
    await fetch(base);
  }
} catch {}
console.log(text);
`;

Deno.test("in Bun 1.3.4, an answer that breaks off is neither asked for again nor continued by another", async () => {
  const bun = await bunProgram();
  const code = new URL("../../../lib/client/chat/authorized_fetch.ts", import.meta.url).pathname;
  for (
    const [how, wanted] of [["", "half 2, 2 posts"], ["plain", "half 2half 3, 3 posts"]] as const
  ) {
    await using server = breakingServer();
    const base = `http://127.0.0.1:${server.port}/`;
    const args = ["-e", ASK, code, base, how];
    const { stdout, stderr } = await runProcess(bun, { args, timeout: 30_000 });
    assertEquals(`${stdout.trim()}, ${server.posts()} posts`, wanted, stderr);
  }
});
