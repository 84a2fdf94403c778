/** Installed programs, and what they say of their versions. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { startFakeKimi } from "../../../support/fake/kimi.ts";
import { doctorJson, healthyHome } from "../process.ts";

/** Writes a program that says something for `--version`, and spoils the test for anything else. */
async function program(folder: string, name: string, script: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await Deno.writeTextFile(path, `#!/bin/sh\n[ "$*" = --version ] || exit 9\n${script}\n`);
  await Deno.chmod(path, 0o755);
  return path;
}

for (const runtime of ["Node", "Bun", "Deno"] as const) {
  Deno.test({
    name: `doctor under ${runtime} lists the installed clients and releases of opencode`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using fake = await startFakeKimi();
      await using home = await healthyHome(fake);
      const [first, second] = [join(home.path, "a"), join(home.path, "b")];
      await program(first, "opencode", "echo 1.18.33");
      await home.write("a/package.json", '{"name":"mine","version":"9.9.9"}');
      await program(second, "opencode", "echo 2.0.24");
      await program(first, "kimi", "echo 'kimi, version 1.51.0'");
      // As npm installs kimi-code.
      await program(join(home.path, "kimi-code/dist"), "main.mjs", "exit 9");
      await home.write(
        "kimi-code/package.json",
        '{"name":"@moonshot-ai/kimi-code","version":"2.1.0"}',
      );
      await Deno.symlink(join(home.path, "kimi-code/dist/main.mjs"), join(second, "kimi"));
      await Deno.mkdir(join(home.path, "c"));
      await Deno.symlink(join(first, "kimi"), join(home.path, "c", "kimi"));
      const env = { PATH: [first, second, join(home.path, "c"), Deno.env.get("PATH")].join(":") };
      const flags = runtime === "Deno" ? { flags: ["-A"] } : {};
      const { report } = await doctorJson([], { home, kimi: fake, runtime, env, ...flags });
      const versions = (programs: typeof report.installedClients) =>
        programs?.filter(({ path }) => !path.startsWith("/")).map(({ version }) => version);
      const all = runtime !== "Deno";
      assertEquals(versions(report.opencode.installed), all ? ["1.18.33", "2.0.24"] : ["1.18.33"]);
      assertEquals(
        versions(report.installedClients),
        all ? ["kimi, version 1.51.0", "2.1.0"] : ["kimi, version 1.51.0"],
      );
    },
  });
}

Deno.test({
  name: "a program that fails or hangs does not hold doctor up, and has no version",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using fake = await startFakeKimi();
    await using home = await healthyHome(fake);
    const folder = join(home.path, "bin");
    await program(folder, "opencode", "exit 3");
    await program(folder, "kimi", "exec sleep 60");
    const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
    const began = performance.now();
    const { report } = await doctorJson([], { home, kimi: fake, runtime: "Node", env });
    assertEquals(performance.now() - began < 20_000, true);
    assertEquals(report.opencode.installed?.[0]?.version, null);
    assertEquals(report.installedClients?.[0]?.version, null);
  },
});
