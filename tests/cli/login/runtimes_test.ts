/** `opencode-kimi-full login`, as npm installs it, under Node and Bun. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runProcess } from "../../support/process.ts";
import { startFakeKimi, TOKEN_MARKER } from "../../support/fake/kimi.ts";
import { environmentOf, makeHome } from "../process.ts";
import { buildProgram, RUNTIMES } from "../program.ts";

const program = await buildProgram();
globalThis.addEventListener("unload", program.remove);

for (const { name, path } of RUNTIMES) {
  const runtime = await path();
  Deno.test({
    name: `login under ${name} adds a login to auth.json and rejects unknown options` +
      (runtime === undefined ? " (skipped: deno task check-package installs it)" : ""),
    ignore: runtime === undefined,
    async fn() {
      await using kimi = await startFakeKimi({ autoAuthorizeAfterPolls: 0 });
      await using home = await makeHome();
      const env = environmentOf({ home, kimi });
      const run = (...args: readonly string[]) =>
        runProcess(runtime ?? "", { args: [program.path, ...args], env, timeout: 60_000 });
      const { code, stdout, stderr } = await run("login");
      assertEquals(code, 0, stderr);
      assertMatch(
        stdout,
        /^Confirm the code [A-Z]{4}-\d{4} on this page:\n[^]+\nLogged in until /,
      );
      assertStringIncludes(await home.readAuth() ?? "", TOKEN_MARKER);
      // Bun caches a transpiled module of 50 KiB or more.
      const files = (await home.list()).filter((path) => !path.startsWith(".bun/"));
      assertEquals(files, [".kimi/device_id", ".local/share/opencode/auth.json"]);
      const again = await run("login", "--json");
      assertEquals(JSON.parse(again.stdout).event, "already_logged_in");
      // Long enough to overflow a backtracking regular expression in JavaScriptCore.
      const big = `{"big":{"key":"${"x".repeat(3_000_000)}{["},`;
      const kept = (await home.readAuth() ?? "").replace("{", big);
      await Deno.writeTextFile(home.auth, kept);
      assertEquals((await run("login", "--force")).code, 0);
      const text = await home.readAuth() ?? "";
      assertEquals([text.startsWith(big), text.split('"kimi-for-coding-oauth"').length], [true, 2]);
      const unknown = await run("login", "--bogus");
      assertEquals(unknown.code, 2);
      assertMatch(
        unknown.stderr,
        /^error: Unknown option '--bogus'; login --help lists the options\n$/,
      );
    },
  });
}

Deno.test("the program lists the commands and ends with 2 if the command is missing or unknown", async () => {
  await using home = await makeHome();
  const env = environmentOf({ home });
  const run = (...args: readonly string[]) =>
    runProcess("node", { args: [program.path, ...args], env, timeout: 60_000 });
  const list =
    /Usage: opencode-kimi-full <command> \[options\]\n\n {2}login .*\n {2}doctor .*\n {2}usage .*\n\nhelp <command> lists .*\n$/;
  const asked = await run("--help");
  assertMatch(asked.stdout, list);
  const nothing = await run();
  assertMatch(nothing.stderr, list);
  const other = await run("logn");
  assertMatch(other.stderr, /^error: unknown command "logn"\n/);
  assertEquals([asked, nothing, other].map(({ code }) => code), [0, 2, 2]);
  assertMatch((await run("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
});

Deno.test("the program contains the licence of the package bundled with it", async () => {
  const text = await Deno.readTextFile(program.path.replace("bin.js", "cli.js"));
  const { imports } = JSON.parse(await Deno.readTextFile("deno.json"));
  assertStringIncludes(text, `This package holds ${imports.uqr.replace(/^npm:(\w+)@/, "$1 ")}, `);
  for (
    const line of ["Copyright (c) 2023 Anthony Fu", "Copyright (c) Project Nayuki", "WARRANTIES"]
  ) {
    assertStringIncludes(text, line);
  }
});
