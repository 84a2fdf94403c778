import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { startScript } from "../../scripts/demo/keep.ts";
import { runProcess } from "../support/process.ts";

Deno.test("the program of `demo --keep` runs opencode in its own home, with the fake Kimi's addresses", async () => {
  const home = await Deno.makeTempDir({ prefix: "it's kept " });
  try {
    await Deno.mkdir(join(home, "project"));
    const program = join(home, "opencode.sh");
    const shown = 'echo "$HOME|$PWD|$KIMI_CODE_BASE_URL|$1"\n';
    await Deno.writeTextFile(program, `#!/bin/sh\n${shown}`, { mode: 0o755 });
    const script = join(home, "start");
    const kimi = { url: "http://127.0.0.1:1", apiBase: "http://127.0.0.1:1/coding/v1" };
    await Deno.writeTextFile(script, startScript(program, home, kimi), { mode: 0o755 });
    const { stdout } = await runProcess(script, {
      args: ["an argument"],
      env: {},
      cwd: "/",
      timeout: 30_000,
    });
    const real = await Deno.realPath(join(home, "project"));
    assertEquals(stdout, `${home}|${real}|${kimi.apiBase}|an argument\n`);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
