import { assert, assertEquals, assertMatch } from "@std/assert";
import { headerFaults } from "../../support/opencode/wire.ts";
import { ID, settled, stage } from "./stage.ts";

Deno.test("contracts 1 and 7: after a login, a question goes out as kimi-cli's, and is answered", async () => {
  await using at = await stage();
  await at.logIn();
  const outcome = await at.ask();
  assert(outcome.is === "done", JSON.stringify(outcome));
  assertEquals([outcome.text, outcome.finish], ["Hello from the fake Kimi.", "stop"]);
  const [sent] = at.fake.requestsOf("chat");
  assertMatch(
    sent?.body ?? "",
    /^\{"messages":\[.*\],"model":"kimi-for-coding","max_completion_tokens":\d+,"prompt_cache_key":"ses_1","stream":true,/,
  );
  await settled(at);
  assertEquals(at.fake.requests.flatMap(headerFaults), []);
  assertEquals(at.environment.logs.filter((line) => !line.startsWith("debug")), []);
  assertEquals(at.location.models(), [`${ID}/kimi-for-coding`]);
});
