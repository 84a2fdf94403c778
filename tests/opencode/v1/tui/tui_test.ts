import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import tui from "../../../../lib/opencode/tui.ts";
import { baseUrlIn, optionsIn } from "../../../../lib/opencode/v1/tui/config.ts";
import { environmentOf, makeHome } from "../../../cli/process.ts";
import { runProcess } from "../../../support/process.ts";
import { type FakeKimi, startFakeKimi } from "../../../support/fake/kimi.ts";
import { fakeTui, type Shown } from "./fixtures.ts";

const MODULE = new URL("../../../../lib/opencode/tui.ts", import.meta.url).href;
const WORKER = fromFileUrl(new URL("./worker.ts", import.meta.url));

Deno.test("the command is registered once, in the way that the release has or prefers", async () => {
  const older = fakeTui("1.14");
  await tui.tui(older.api);
  const [{ onSelect: _, ...command } = {}] = older.commands;
  assertEquals(command, {
    value: "opencode-kimi-full.usage",
    title: "Kimi usage",
    category: "Kimi",
    slash: { name: "kimi-usage" },
  });
  const newer = fakeTui("1.18");
  await tui.tui(newer.api);
  assertEquals([older.commands.length, newer.commands.length, newer.layer.length], [1, 0, 1]);
  const [{ run: __, ...layer } = {}] = newer.layer;
  assertEquals(layer, {
    name: "opencode-kimi-full.usage",
    title: "Kimi usage",
    category: "Kimi",
    namespace: "palette",
    slashName: "kimi-usage",
  });
  assertEquals([...older.shown, ...newer.shown], [], "nothing is shown before it is asked for");
});

Deno.test("contract 12: an interface that cannot register commands is left alone", async () => {
  await tui.tui({ ...fakeTui("1.14").api, command: {}, keymap: {} });
});

/** Runs the command in a process of its own, over a real auth.json. */
async function dialogs(
  release: "1.14" | "1.18",
  kimi: FakeKimi,
  { isLoggedIn = true, args = [] }: { isLoggedIn?: boolean; args?: readonly string[] } = {},
): Promise<readonly Shown[]> {
  await using home = await makeHome();
  const { access_token: access, refresh_token: refresh } = kimi.issueTokens({ lifetime: 50 });
  const entry = { type: "oauth", access, refresh, expires: Date.now() + 50_000 };
  const entries = JSON.stringify(isLoggedIn ? { "kimi-for-coding-oauth": entry } : {});
  await home.write(".local/share/opencode/auth.json", entries);
  const { stdout, stderr } = await runProcess(Deno.execPath(), {
    args: ["run", "-A", "--quiet", WORKER, MODULE, release, ...args],
    env: environmentOf({ home, kimi, env: { TZ: "Asia/Kathmandu" } }),
    timeout: 60_000,
  });
  assertEquals(stderr, "");
  return JSON.parse(stdout);
}

for (const release of ["1.14", "1.18"] as const) {
  Deno.test(`on ${release} /kimi-usage refreshes the login and shows the windows`, async () => {
    await using fake = await startFakeKimi();
    const [first, second] = await dialogs(release, fake);
    assertEquals(first, { title: "Kimi usage", message: "Asking Kimi…", size: "large" });
    assertEquals([second?.title, second?.size], ["Kimi usage", "large"]);
    const lines = second?.message.split("\n") ?? [];
    assertMatch(lines[0] ?? "", /^5 hours +27 %$/);
    assertMatch(lines[1] ?? "", /^█+░+$/);
    // The terminal has 44 columns, and a dialog keeps six of them for its margins.
    assertEquals(lines.slice(0, 2).map(({ length }) => length), [38, 38]);
    assertMatch(lines[2] ?? "", /^resets 2030-01-01 20:38/);
    assertEquals(lines.slice(-2), ["Membership: Intermediate", "Parallel requests: 30"]);
    assertEquals(fake.requests.map(({ kind }) => kind), ["refresh", "usages"]);
  });
}

Deno.test("/kimi-usage shows why it has no usage to show", async () => {
  await using fake = await startFakeKimi({ usagesPath: null });
  const [, missing] = await dialogs("1.18", fake);
  assertMatch(missing?.message ?? "", /^Usage:\s.+ has\sneither\s\/usages\snor\s\/usage/);
  const [, nobody] = await dialogs("1.18", fake, { isLoggedIn: false });
  // Lines end between words: opencode would break one within "-m".
  const [first, second] = nobody?.message.split("\n") ?? [];
  assertEquals([first, second], [
    "Not logged in to Kimi: run opencode",
    "auth login -p kimi-for-coding-oauth -m",
  ]);
});

Deno.test("the identity is taken from tui.json, then from opencode.json", async () => {
  await using fake = await startFakeKimi({ identity: "opencode" });
  const config = (client: string) =>
    JSON.stringify({ plugin: ["other", ["file:///plugin", { client }]] });
  const honest = JSON.stringify({ client: "opencode" });
  for (const args of [[config("opencode")], [config("kimi-cli"), honest]]) {
    const [, shown] = await dialogs("1.18", fake, { args });
    assertMatch(shown?.message ?? "", /^5 hours/);
  }
});

Deno.test("options and base URL are read from any configuration", () => {
  const options = { client: "opencode" };
  const plugin = ["a", ["file:///x/npm", options], ["opencode-kimi-full@0.1.0", { scope: false }]];
  assertEquals(optionsIn({ plugin }, "file:///x/npm"), options);
  assertEquals(optionsIn({ plugin }, undefined), { scope: false });
  assertEquals(optionsIn({ plugin: ["opencode-kimi-full"] }, undefined), undefined);
  const provider = { "kimi-for-coding-oauth": { options: { baseURL: "http://localhost:1" } } };
  assertEquals(baseUrlIn({ provider }), "http://localhost:1");
  for (const config of [undefined, null, [], {}, { plugin: {}, provider: [] }, { plugin: [[]] }]) {
    assertEquals([optionsIn(config, "x"), baseUrlIn(config)], [undefined, undefined]);
  }
});
