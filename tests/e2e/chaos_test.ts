import { assert, assertEquals } from "@std/assert";
import { runChaos } from "../support/chaos/chaos.ts";
import { problemsOf } from "../support/chaos/verdict.ts";

Deno.test("contract 9: eight processes on one auth.json answer every request and keep the chain, though some are killed or stopped and refreshes fail", async () => {
  const report = await runChaos({ seed: 9, requests: 12 });
  const { asked, answered, revokedChains, remains, mode, others, refreshes } = report;
  assertEquals([answered, revokedChains, remains, mode], [asked, 0, [], 0o600], report.failures[0]);
  assert(asked >= 6 * 12, "at most two processes were killed");
  assert(refreshes > 1, "tokens expired during the run");
  assertEquals(others.other, { type: "api", key: "kept" });
  assertEquals(problemsOf(report, false), []);
});

Deno.test("contract 9: after a chain is lost with an answer, each later request fails at once and asks for a new login", async () => {
  const report = await runChaos({ seed: 4, requests: 10, after: true });
  assert(report.failures.length > 0, "the chain was lost");
  assert(report.revokedChains <= 1, "and only once");
  assertEquals(problemsOf(report, true), []);
});
