/** `usage` under Node and Bun: the same lines as under Deno. */

import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join, toFileUrl } from "@std/path";
import { runProcess } from "../../support/process.ts";
import { bunProgram } from "../../support/tools.ts";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { environmentOf, type Home, makeHome } from "../process.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));

/** The command as one file, as the npm package has it. */
async function bundle(home: Home): Promise<string> {
  const at = (path: string) => JSON.stringify(toFileUrl(join(ROOT, path)).href);
  await home.write(
    "entry.ts",
    `import { main } from ${at("lib/cli/main.ts")};\n` +
      `import { usage } from ${at("lib/cli/usage/usage.ts")};\n` +
      `await main([usage]);\n`,
  );
  const path = join(home.path, "cli.mjs");
  const how = ["bundle", "--quiet", "--no-lock", "--platform", "deno"];
  const args = [...how, "-o", path, join(home.path, "entry.ts")];
  const { code, stderr } = await runProcess(Deno.execPath(), { args, cwd: ROOT, timeout: 60_000 });
  assertEquals(code, 0, stderr);
  return path;
}

for (const runtime of ["Node", "Bun"] as const) {
  Deno.test(`under ${runtime} usage refreshes, shows local time, and fails with a line`, async () => {
    await using fake = await startFakeKimi();
    await using home = await makeHome();
    const { access_token: access, refresh_token: refresh } = fake.issueTokens({ lifetime: 100 });
    const entry = { type: "oauth", access, refresh, expires: Date.now() + 100_000 };
    const entries = JSON.stringify({ "kimi-for-coding-oauth": entry });
    await home.write(".local/share/opencode/auth.json", entries);
    const program = runtime === "Node" ? "node" : await bunProgram();
    const path = await bundle(home);
    const run = async (...args: readonly string[]) => {
      const env = environmentOf({ home, kimi: fake, env: { TZ: "Asia/Kathmandu" } });
      return await runProcess(program, { args: [path, "usage", ...args], env, timeout: 60_000 });
    };
    const { code, stdout, stderr } = await run();
    assertEquals([code, stderr, fake.refreshes], [0, "", 1]);
    assertMatch(stdout, /^5 hours {2}█+░+ {2}27 % {2}resets 2030-01-01 20:38 \(in [^)]+\)\n/);
    const json = await run("--json");
    assertEquals([json.code, JSON.parse(json.stdout).windows.length], [0, 2]);
    await fake.close();
    const offline = await run();
    assertEquals([offline.code, offline.stdout], [1, ""]);
    assertMatch(offline.stderr, /^error: Usage: 127\.0\.0\.1 refuses connections; [^\n]+\n$/);
    assertEquals((await run("--jsn")).code, 2);
  });
}
