import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { type BuiltPackage, builtPackage } from "../support/package.ts";
import { runProcess } from "../support/process.ts";

let built: BuiltPackage;
Deno.test.beforeAll(async () => void (built = await builtPackage()));
Deno.test.afterAll(async () => await built[Symbol.asyncDispose]());

const GONE = "a file of opencode-kimi-full cannot be read, perhaps since it was upgraded " +
  "meanwhile: restart opencode";

/** Runs the plugin in a process that loses a part of it. */
async function upgraded(when: "before" | "after") {
  const root = await Deno.makeTempDir({ prefix: "kimi-upgrade-" });
  try {
    await Deno.mkdir(join(root, "dist"));
    for await (const { name, isFile } of Deno.readDir(join(built.dir, "dist"))) {
      if (isFile) await Deno.copyFile(join(built.dir, "dist", name), join(root, "dist", name));
    }
    const worker = fromFileUrl(new URL("./upgraded.mjs", import.meta.url));
    const { code, stdout, stderr } = await runProcess("node", {
      args: [worker, join(root, "dist"), when],
      timeout: 60_000,
      env: { HOME: root, KIMI_SHARE_DIR: join(root, "share"), PATH: Deno.env.get("PATH") ?? "" },
    });
    assertEquals([code, stderr], [0, ""]);
    return JSON.parse(stdout);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("contract 9: a plugin that is replaced while it runs continues to refresh its login", async () => {
  const { status, refreshes, refresh, login, logged } = await upgraded("after");
  assertEquals([status, refreshes, refresh, logged], [200, 1, "r1", []]);
  assertMatch(login, /^KimiError: Device authorization failed: HTTP 404/);
});

Deno.test("contract 12: an incomplete plugin reports it and keeps the login", async () => {
  const { status, said, refreshes, refresh, login, logged } = await upgraded("before");
  assertEquals([status, refreshes, refresh], [400, 0, "r0"]);
  assertEquals(JSON.parse(said).error.message, `Chat: ${GONE}`);
  // What reads the list of models at the start has loaded what logs in.
  assertMatch(login, /^KimiError: Device authorization failed: HTTP 404/);
  const isLoud = ({ level }: { readonly level: string }) => level !== "debug";
  assertEquals(logged.filter(isLoud), [{
    service: "opencode-kimi-full",
    level: "warn",
    message: `The plugin is not complete: ${GONE}`,
  }]);
});
