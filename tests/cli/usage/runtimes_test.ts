/** `usage` under Node and Bun prints the same as under Deno. */

import { assertEquals, assertMatch } from "@std/assert";
import { runProcess } from "../../support/process.ts";
import { bunProgram } from "../../support/tools.ts";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { environmentOf, makeHome } from "../process.ts";
import { buildProgram } from "../program.ts";

const program = await buildProgram();
globalThis.addEventListener("unload", program.remove);

for (const runtime of ["Node", "Bun"] as const) {
  Deno.test(`usage under ${runtime} refreshes, prints local time, and fails with one line`, async () => {
    await using fake = await startFakeKimi();
    await using home = await makeHome();
    const { access_token: access, refresh_token: refresh } = fake.issueTokens({ lifetime: 100 });
    const entry = { type: "oauth", access, refresh, expires: Date.now() + 100_000 };
    const entries = JSON.stringify({ "kimi-for-coding-oauth": entry });
    await home.write(".local/share/opencode/auth.json", entries);
    const command = runtime === "Node" ? "node" : await bunProgram();
    const run = async (...args: readonly string[]) => {
      const env = environmentOf({ home, kimi: fake, env: { TZ: "Asia/Kathmandu" } });
      const options = { args: [program.path, "usage", ...args], env, timeout: 60_000 };
      return await runProcess(command, options);
    };
    const { code, stdout, stderr } = await run();
    assertEquals([code, stderr, fake.refreshes], [0, "", 1]);
    assertMatch(stdout, /^5 hours {2}█+░+ {2}27 % {2}resets 2030-01-01 20:38 \(in [^)]+\)\n/);
    const json = await run("--json");
    assertEquals([json.code, JSON.parse(json.stdout).windows.length], [0, 2]);
    await fake.close();
    const offline = await run();
    assertEquals([offline.code, offline.stdout], [1, ""]);
    assertMatch(
      offline.stderr,
      /^error: Usage: 127\.0\.0\.1:\d+ (?:refuses connections|cannot be reached): [^\n]+\n$/,
    );
    assertEquals((await run("--jsn")).code, 2);
  });
}
