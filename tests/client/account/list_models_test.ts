import { assertEquals, assertMatch } from "@std/assert";
import { listModels } from "../../../lib/client/account/list_models.ts";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import { type Answer, fakeEnvironment } from "../../support/environment.ts";
import { assertFails, html, login } from "../fixtures.ts";

const API = "https://api.kimi.com/coding/v1";
const MODELS = { data: [{ id: "kimi-for-coding", context_length: 1_048_576 }, { id: 7 }] };

function list(answer: Answer, api = API, client: "kimi-cli" | "opencode" = "kimi-cli") {
  const environment = fakeEnvironment({ answer });
  return { environment, models: listModels(environment, login(), { api, client }) };
}

Deno.test("listModels() returns the account's models", async () => {
  const { environment, models } = list(() => Response.json(MODELS));
  assertEquals(
    (await models).map(({ id, contextLength }) => ({ id, contextLength })),
    [{ id: "kimi-for-coding", contextLength: 1_048_576 }],
  );
  const [sent] = environment.sent;
  assertEquals([sent?.method, sent?.url, sent?.redirect], ["GET", `${API}/models`, "manual"]);
});

for (
  const [client, agent] of [
    ["kimi-cli", "KimiCLI/1.51.0"],
    ["opencode", `opencode-kimi-full/${VERSION}`],
  ] as const
) {
  Deno.test(`contract 7: the headers of /models as ${client}`, async () => {
    const { environment, models } = list(() => Response.json(MODELS), API, client);
    await models;
    assertEquals(environment.sent[0]?.headers, {
      accept: "application/json",
      authorization: "Bearer SECRET-a0",
      "user-agent": agent,
    });
  });
}

Deno.test("listModels() returns an empty list if the answer has no models", async () => {
  for (const answer of [{}, { data: null }, { data: [null, "x", { id: "" }] }]) {
    assertEquals(await list(() => Response.json(answer)).models, []);
  }
});

Deno.test("each failure of listModels() has a code", async () => {
  const rows = [
    [() => Promise.reject(new TypeError("reset")), "network", /^Models: api\.kimi\.com closed the/],
    [() => html(503), "server_error", /^Models: Kimi's service has a failure$/],
    [
      () => Response.json({}, { status: 401 }),
      "server_error",
      /^Models: Kimi refuses this account/,
    ],
    [() => new Response(null, { status: 302 }), "invalid_answer", /a web page came/],
    [() => html(200), "invalid_answer", /a web page came in its place/],
    [() => new Response("[]"), "invalid_answer", /is not JSON/],
  ] as const;
  for (const [answer, code, message] of rows) {
    const { environment, models } = list(answer);
    assertMatch((await assertFails(() => models, code)).message, message);
    assertEquals(environment.sent.length, 1);
  }
});

Deno.test("contract 8: listModels() sends the token to no untrusted host", async () => {
  for (const api of ["http://api.kimi.com/coding/v1", "https://proxy.example/v1"]) {
    const { environment, models } = list(() => Response.json(MODELS), api);
    await assertFails(() => models, "untrusted_host");
    assertEquals(environment.sent, []);
  }
});
