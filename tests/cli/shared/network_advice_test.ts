import { assert, assertEquals, assertMatch } from "@std/assert";
import { explained, type Lookup } from "../../../lib/cli/shared/network_advice.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";

const HOST = "https://auth.kimi.com";

function lost(message: string, code = ""): KimiError {
  const cause = new TypeError("fetch failed", {
    cause: Object.assign(new Error(message), { code }),
  });
  return new KimiError("network", "Login: no answer", { cause });
}

const unwanted: Lookup = () => Promise.reject(new Error("looked up"));

/** What Bun says, whatever is wrong. */
const BUN = lost("Unable to connect. Is the computer able to access the url?", "ConnectionRefused");

async function said(error: unknown, lookup: Lookup = unwanted, url = HOST): Promise<string> {
  const explanation = await explained("Login", error, url, { lookup });
  assert(explanation instanceof Error);
  return explanation.message.split(": ").slice(0, 2).join(": ");
}

function fails(code: string): Lookup {
  return () => Promise.reject(Object.assign(new Error(`getaddrinfo ${code}`), { code }));
}

Deno.test("a name is looked up if the runtime does not say why there is no connection", async () => {
  const known: Lookup = (name) => Promise.resolve(assertEquals(name, "auth.kimi.com"));
  assertEquals(await said(BUN, known), "Login: auth.kimi.com refuses connections");
  assertEquals(
    await said(BUN, fails("ENOTFOUND")),
    "Login: auth.kimi.com is not known to the name server",
  );
  // As measured with Bun 1.3.4 in a network namespace of its own.
  assertEquals(await said(BUN, fails("ECONNREFUSED")), "Login: auth.kimi.com cannot be reached");
  const address: Lookup = (name) => Promise.resolve(assertEquals(name, "::1"));
  assertEquals(await said(BUN, address, "http://[::1]:5"), "Login: [::1]:5 refuses connections");
});

Deno.test("a name is not looked up if the runtime says why there is no connection", async () => {
  const offline = lost("getaddrinfo EAI_AGAIN auth.kimi.com", "EAI_AGAIN");
  assertEquals(await said(offline), "Login: auth.kimi.com cannot be reached");
});

Deno.test("the explained error keeps code and cause", async () => {
  const explanation = await explained("Login", BUN, HOST, { lookup: () => Promise.resolve() });
  assert(explanation instanceof KimiError);
  assertEquals([explanation.code, explanation.cause], ["network", BUN]);
});

Deno.test("an error that is not of the network is returned as it is", async () => {
  const denied = Object.assign(
    new Error('Requires net access to "x:443", run again with the --allow-net flag'),
    { name: "NotCapable" },
  );
  for (
    const error of [
      new KimiError("network", "Login: no answer", { cause: denied }),
      new KimiError("oauth_error", "Login failed: HTTP 400", { status: 400 }),
      new KimiError("invalid_answer", "no JSON", { status: 404, cause: new SyntaxError("") }),
      new KimiError("invalid_answer", "the answer lacks user_code", { status: 200 }),
      new KimiError("invalid_answer", "no https verification URL was given"),
      new KimiError("server_error", "Login failed: HTTP 503", { status: 503 }),
      new Error("odd"),
    ]
  ) assertEquals(await explained("Login", error, "no URL"), error);
});

Deno.test("a proxy variable that Node ignores is named", async () => {
  const context = {
    versions: { node: "20.20.2" },
    variables: { HTTPS_PROXY: "http://proxy:8080" },
    lookup: unwanted,
  };
  const dns = lost("getaddrinfo ENOTFOUND auth.kimi.com", "ENOTFOUND");
  const explanation = await explained("Login", dns, HOST, context);
  assertMatch(String(explanation), /name server: Node does not use HTTPS_PROXY: set NODE_USE/);
});
