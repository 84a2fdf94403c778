import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import plugin from "../../lib/opencode/server.ts";
import type { PluginInput } from "../../lib/opencode/v1/types.ts";
import { startFakeKimi } from "../support/fake/kimi.ts";
import { ID } from "./v1/fixtures.ts";

type Log = NonNullable<NonNullable<PluginInput["client"]["app"]>["log"]>;

function input(log?: Log): PluginInput {
  const auth = { set: () => Promise.resolve() };
  return { client: log === undefined ? { auth } : { auth, app: { log } } };
}

const HOOKS = [
  "auth",
  "chat.message",
  "chat.params",
  "config",
  "experimental.chat.messages.transform",
  "tool.execute.after",
];

Deno.test("the entry has an id, a server and a setup, and nothing else", () => {
  assertEquals(Object.keys(plugin).sort(), ["id", "server", "setup"]);
  assertEquals(plugin.id, "opencode-kimi-full");
});

Deno.test("contract 12: server() returns the hooks for any options", async () => {
  for (const options of [undefined, null, {}, { client: 7 }, "text", [], { x: { y: 1 } }]) {
    const hooks = await plugin.server(input(), options);
    assertEquals(Object.keys(hooks).sort(), HOOKS);
    assertEquals(hooks.auth.provider, ID);
  }
});

Deno.test("a wrong option is logged", async () => {
  const lines: unknown[] = [];
  await plugin.server(input((line) => Promise.resolve(void lines.push(line))), { clinet: "x" });
  const message = 'Option "clinet" is unknown and ignored';
  assertEquals(lines, [{ body: { service: "opencode-kimi-full", level: "warn", message } }]);
});

Deno.test("contract 12: a log that fails does no harm", async () => {
  const logs: readonly Log[] = [
    () => Promise.reject(new Error("no log")),
    () => {
      throw new Error("no log");
    },
  ];
  for (const log of logs) {
    assertEquals(Object.keys(await plugin.server(input(log), { clinet: 1 })).sort(), HOOKS);
  }
  const auth = { set: () => Promise.resolve() };
  assertEquals(Object.keys(await plugin.server({ client: { auth, app: {} } }, 7)).sort(), HOOKS);
});

Deno.test("contract 9: two instances in one process refresh once, and share the device id", async () => {
  await using fake = await startFakeKimi();
  const { access_token, refresh_token } = fake.issueTokens();
  const home = await Deno.makeTempDir({ prefix: "kimi-home-" });
  const expired = {
    type: "oauth",
    access: access_token,
    refresh: refresh_token,
    expires: 1_000_000,
    enterpriseUrl: `${fake.url} ${fake.apiBase}`,
  };
  fake.expireAccessTokens();
  const module = new URL("./v1/auth/two_instances.ts", import.meta.url).href;
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", "--no-lock", "--quiet", module, JSON.stringify(expired)],
      clearEnv: true,
      env: {
        HOME: join(home, "user"),
        KIMI_SHARE_DIR: join(home, "share"),
        DENO_DIR: home,
        PATH: Deno.env.get("PATH") ?? "",
      },
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    const printed = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(printed.statuses, [200, 200]);
    assertEquals([fake.refreshes, fake.revokedChains], [1, 0]);
    const id = await Deno.readTextFile(join(home, "share", "device_id"));
    assertMatch(id, /^[0-9a-f]{32}$/);
    const sent = fake.requests.filter(({ kind }) => kind === "refresh" || kind === "chat")
      .map(({ headers }) => new Headers(headers.map(([name, value]) => [name, value])));
    assertEquals(new Set(sent.map((headers) => headers.get("x-msh-device-id"))), new Set([id]));
    const files = [...Deno.readDirSync(join(home, "share"))].map(({ name }) => name);
    assertEquals(files, ["device_id"]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
