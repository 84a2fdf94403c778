import { assertEquals, assertMatch } from "@std/assert";
import { createRefreshMemory } from "../../../../lib/client/tokens/login_store.ts";
import { showUsage } from "../../../../lib/opencode/v1/tui/usage_dialog.ts";
import { gate } from "../../../client/fixtures.ts";
import { fakeEnvironment } from "../../../support/environment.ts";
import { fakeTui } from "./fixtures.ts";

/** Shows the dialog over an auth.json that cannot be found before it may be. */
function showing() {
  const found = gate();
  const authFile = async () => {
    await found.passed;
    return undefined;
  };
  const tui = fakeTui("1.18");
  const done = showUsage(tui.api, {
    environment: { ...fakeEnvironment(), authFile },
    client: "kimi-cli",
    baseUrl: undefined,
    memory: createRefreshMemory(),
  });
  return { tui, found, done };
}

Deno.test("the dialog opens at once and shows the answer when it comes", async () => {
  const { tui, found, done } = showing();
  assertEquals(tui.shown.map(({ message }) => message), ["Asking Kimi…"]);
  found.open();
  await done;
  assertEquals(tui.shown.length, 2);
  assertMatch(tui.shown[1]?.message ?? "", /^Not logged in to Kimi/);
});

Deno.test("a closed dialog does not open again with the answer", async () => {
  const { tui, found, done } = showing();
  tui.close();
  found.open();
  await done;
  assertEquals(tui.shown.length, 1);
});
