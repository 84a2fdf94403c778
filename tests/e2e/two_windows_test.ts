import { assertEquals } from "@std/assert";
import { openStage } from "../support/opencode/journey.ts";
import { succeeded } from "../support/opencode/opencode.ts";
import { builtPackage } from "../support/package.ts";

const ID = "kimi-for-coding-oauth";

Deno.test("contract 9: two opencode runs at once with an expired token make one refresh", async () => {
  await using built = await builtPackage();
  await using stage = await openStage("1.18.33", `opencode-kimi-full@file:${built.tarball}`);
  const { kimi, opencode } = stage;
  // Two concurrent first starts fail without the plugin too: both create opencode's database.
  await opencode.ask("before the login");
  const { access_token: access, refresh_token: refresh } = kimi.issueTokens();
  const entry = { type: "oauth", access, refresh, expires: Date.now() - 1000 };
  await opencode.writeAuth(JSON.stringify({ [ID]: entry }));
  kimi.expireAccessTokens();
  const questions = ["the first window", "the second window"];
  const answers = await Promise.all(questions.map((question) => opencode.ask(question)));
  answers.forEach(succeeded);
  assertEquals(answers.map(({ text }) => text), [
    "Hello from the fake Kimi.",
    "Hello from the fake Kimi.",
  ]);
  assertEquals([kimi.requestsOf("refresh").length, kimi.revokedChains], [1, 0]);
  const stored = JSON.parse(await opencode.readAuth())[ID];
  assertEquals([stored.refresh === refresh, stored.access === access], [false, false]);
  const files = await opencode.listFiles();
  assertEquals(files.filter((file) => file.includes(".lock/") || file.endsWith(".tmp")), []);
});
