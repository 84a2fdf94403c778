/** The plan's tools in the real opencode: shown, called, and held back by `permission`. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { startFakeKimi } from "../support/fake/kimi.ts";
import { openOpencode } from "../support/opencode/opencode.ts";
import { headerFaults } from "../support/opencode/wire.ts";
import { builtPackage } from "../support/package.ts";
import type { OpencodeVersion } from "../support/tools.ts";
import { PLAIN_MODEL, startPlainProvider } from "./plain_provider.ts";

const ID = "kimi-for-coding-oauth";
const NAMES = ["kimi_fetch", "kimi_search"];

interface Body {
  readonly tools: readonly {
    readonly function: { readonly name: string; readonly parameters: unknown };
  }[];
  readonly messages: readonly { readonly role: string; readonly content?: unknown }[];
}

function ours({ tools = [] }: Partial<Body>): string[] {
  return tools.map((tool) => tool.function.name).filter((name) => name.startsWith("kimi_")).sort();
}

/** Registers the test of one release. */
export function testTools(version: OpencodeVersion): void {
  Deno.test(`opencode ${version} offers the plan's tools, and asks for their permission`, async () => {
    await using built = await builtPackage();
    await using kimi = await startFakeKimi();
    await using plain = startPlainProvider();
    await using opencode = await openOpencode({
      version,
      kimi,
      config: {
        plugin: [[`opencode-kimi-full@file:${built.tarball}`, { tools: true }]],
        provider: plain.config,
        permission: { kimi_fetch: "ask" },
        agent: {
          plan: { permission: { kimi_search: "deny" } },
          careful: { mode: "primary", permission: { kimi_fetch: "allow", webfetch: "deny" } },
        },
      },
    });
    const { access_token: access, refresh_token: refresh } = kimi.issueTokens();
    const entry = { type: "oauth", access, refresh, expires: Date.now() + 900_000 };
    await opencode.writeAuth(JSON.stringify({ [ID]: entry }));
    const search = { id: "s:0", name: "kimi_search", arguments: '{"query": "kimi"}' };
    const page = { id: "f:1", name: "kimi_fetch", arguments: '{"url":"https://example.com/"}' };
    kimi.settings.answers.push(
      { reasoning: "I search.", toolCalls: [search] },
      { reasoning: "I read.", toolCalls: [page] },
    );
    const answer = await opencode.ask("Search and read");
    // All but those for titles.
    const turns = (): Body[] =>
      kimi.requestsOf("chat").map(({ body }) => JSON.parse(body))
        .filter(({ tools = [] }) => tools.length > 0);
    const bodies = turns();
    assertEquals(bodies.map(ours), [NAMES, NAMES]);
    const shown = bodies[0]?.tools.find((tool) => tool.function.name === "kimi_search");
    assertMatch(JSON.stringify(shown), /"query":\{.*"required":\["query"\]/);
    const result = bodies[1]?.messages.at(-1);
    assertMatch(String(result?.content), /^Title: Kimi Code\n/);
    const [sent] = kimi.requestsOf("search");
    assertEquals(sent && headerFaults(sent), []);
    assert(sent?.headers.some(([name, id]) => /^x-msh-tool-call-id$/i.test(name) && id === "s:0"));
    // `opencode run` answers each question for permission with no.
    assertMatch(answer.stderr + answer.stdout, /permission requested: kimi_fetch/);
    assertEquals(kimi.requestsOf("fetch"), []);
    await opencode.ask("Who are you?", { model: PLAIN_MODEL });
    const others: Partial<Body>[] = plain.requests.map(({ body }) => JSON.parse(body));
    assertEquals(others.map(ours).filter(({ length }) => length > 0), [NAMES]);
    await opencode.command(["run", "--agent", "plan", "--model", `${ID}/kimi-for-coding`, "Plan"]);
    assertEquals(ours(turns().at(-1) ?? {}), ["kimi_fetch"]);

    // What the service cannot fetch, this machine fetches only if webfetch may.
    const asked = plain.requests.length;
    const own = { ...page, id: "f:2", arguments: JSON.stringify({ url: plain.baseURL }) };
    kimi.settings.answers.push({ toolCalls: [own] });
    kimi.settings.faults.push({ kind: "fetch", answer: { status: 500 } });
    await opencode.command(["run", "--agent", "careful", "--model", `${ID}/kimi-for-coding`, "Go"]);
    const refused = turns().at(-1)?.messages.at(-1);
    assertMatch(String(refused?.content), /a rule which prevents you/);
    assertEquals([kimi.requestsOf("fetch").length, plain.requests.length], [1, asked]);
  });
}
