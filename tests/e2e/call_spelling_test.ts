import { assertEquals } from "@std/assert";
import { openStage } from "../support/opencode/journey.ts";
import { builtPackage } from "../support/package.ts";
import { OPENCODE_VERSIONS } from "../support/tools.ts";

const ID = "kimi-for-coding-oauth";

/** A call that works, one that fails, and how opencode spells the second. */
const WORKS = '{"command": "echo \\u0068i", "description":"Print hi"}';
const FAILS = '{"filePath": "/nowhere/at/all"}';
const FAILED = '{"filePath":"/nowhere/at/all"}';

for (const version of OPENCODE_VERSIONS) {
  Deno.test(`contract 2: opencode ${version} sends tool-call arguments back letter by letter, after a restart too`, async () => {
    await using built = await builtPackage();
    await using stage = await openStage(version, `opencode-kimi-full@file:${built.tarball}`);
    const { kimi, opencode } = stage;
    const { access_token: access, refresh_token: refresh } = kimi.issueTokens();
    const entry = { type: "oauth", access, refresh, expires: Date.now() + 900_000 };
    await opencode.writeAuth(JSON.stringify({ [ID]: entry }));
    kimi.settings.answers.push(
      { reasoning: "I run it.", toolCalls: [{ name: "bash", arguments: WORKS }] },
      { reasoning: "I read it.", toolCalls: [{ name: "read", arguments: FAILS }] },
    );
    await opencode.ask("Try two tools");
    await opencode.ask("And now?", { continue: true });
    const bodies = kimi.requestsOf("chat").map(({ body }) => JSON.parse(body))
      .filter(({ tools }) => tools.length > 0);
    const last: readonly { tool_calls?: { function: { arguments: string } }[] }[] = bodies.at(-1)
      .messages;
    const calls = last.flatMap(({ tool_calls = [] }) => tool_calls);
    assertEquals(calls.map((call) => call.function.arguments), [WORKS, FAILED]);
    const texts = bodies.map(({ messages }) => JSON.stringify(messages).slice(0, -1));
    texts.slice(1).forEach((text, at) => assertEquals(text.startsWith(texts[at] ?? "?"), true));
  });
}
