import { assertEquals } from "@std/assert";
import { upgradeHint } from "../../../lib/kimi/models/upgrade_hint.ts";
import { parseModels } from "../../../lib/kimi/models/response.ts";

const OFFERED = { "kimi-for-coding": { limit: { context: 262_144 } } };

function models(...data: readonly object[]) {
  return parseModels({ data });
}

Deno.test("upgradeHint() returns undefined if the account has only what is offered", () => {
  const same = models({ id: "kimi-for-coding", context_length: 262_144 });
  assertEquals(upgradeHint(same, OFFERED), undefined);
  assertEquals(upgradeHint(models({ id: "kimi-for-coding" }), OFFERED), undefined);
  assertEquals(upgradeHint([], OFFERED), undefined);
});

Deno.test("upgradeHint() names models, and the option that adds them", () => {
  const account = models({ id: "kimi-for-coding", context_length: 1_048_576 }, { id: "k3" });
  assertEquals(
    upgradeHint(account, OFFERED),
    "This account has more than opencode offers: k3. The plugin's option " +
      '"discover": true offers all of it from the second start on',
  );
});

Deno.test("upgradeHint() ignores a longer context and models of another protocol", () => {
  const account = models(
    { id: "kimi-for-coding", context_length: 1_048_576 },
    { id: "opus", protocol: "anthropic" },
  );
  assertEquals(upgradeHint(account, OFFERED), undefined);
});

Deno.test("upgradeHint() ignores a model that is offered under another name", () => {
  const account = models({ id: "k3", context_length: 1 });
  assertEquals(upgradeHint(account, { ...OFFERED, mine: { id: "k3" } }), undefined);
  assertEquals(upgradeHint(account, { ...OFFERED, mine: { api: { id: "k3" } } }), undefined);
});
