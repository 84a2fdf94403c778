/** A denied permission is never taken for a missing file or a dead process. */

import { assertEquals, assertMatch } from "@std/assert";
import { toFileUrl } from "@std/path";
import type { Holder } from "../../lib/runtime/fs/lock_holder.ts";
import { ROOT } from "../support/source.ts";
import { inFolder } from "./folder.ts";

/** Runs a script under Deno with these flags only, and returns its output. */
async function under(flags: readonly string[], script: string, home: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-config", "--no-lock", "--quiet", ...flags, "-"],
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    env: { HOME: home, KIMI_SHARE_DIR: "", XDG_DATA_HOME: "" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout, stderr } = await child.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

function lib(path: string): string {
  return JSON.stringify(new URL(`lib/${path}`, toFileUrl(`${ROOT}/`)).href);
}

const SHOW = "const show = (work) => Promise.resolve().then(work)" +
  ".then((value) => console.log(JSON.stringify(value) ?? 'undefined'), (error) => console.log(error.name, error.message));";

Deno.test("a device id, folder or lock without read permission is not taken for missing", () =>
  inFolder(async (home) => {
    const script = `import { readDeviceId } from ${lib("runtime/device/device_id.ts")};
      import { sharedAuthFile, sharedFile } from ${lib("runtime/fs/atomic_file.ts")};
      import { takeLock } from ${lib("runtime/fs/lock.ts")};
      ${SHOW}
      await show(() => readDeviceId("${home}/.kimi"));
      await show(() => sharedAuthFile("${home}/opencode"));
      await show(() => sharedFile("${home}/opencode/auth.json").read());
      await show(() => sharedFile("${home}/opencode/auth.json").assertWritable());
      await show(() => takeLock("${home}/opencode/it.lock"));`;
    await Deno.mkdir(`${home}/opencode/it.lock`, { recursive: true });
    const lines = (await under([`--allow-write=${home}`], script, home)).trimEnd().split("\n");
    assertEquals(lines.length, 5);
    for (const line of lines) assertMatch(line, /^NotCapable Requires read access to /);
  }));

Deno.test("a process is neither dead nor alive if permission to look at it is missing", () =>
  inFolder(async (home) => {
    const module = lib("runtime/fs/lock_holder.ts");
    const own = `import { lifeOf, ownHolder } from ${module}; ${SHOW} await show(ownHolder);`;
    const blind: Holder = JSON.parse(
      await under(["--allow-sys=hostname"], own, home),
    );
    assertEquals({ ...blind, pid: 0 }, { pid: 0, start: "", place: "" });
    for (const flags of [["--allow-run"], ["--allow-run", "--allow-sys=hostname"]]) {
      const same: Holder = JSON.parse(await under(flags, own, home));
      assertEquals(same.place, "", "two containers of one host name must not compare their pids");
    }
    const other = JSON.parse(await under(["--allow-all"], own, home));
    for (const identity of [blind, other]) {
      const judge = `${own} await show(() => lifeOf(${JSON.stringify(identity)}));`;
      const judged = (await under(["--allow-sys=hostname"], judge, home)).trimEnd().split("\n").at(
        -1,
      );
      assertEquals(judged, '"unknown"');
    }
    const seeing = `${own} await show(() => lifeOf(${JSON.stringify(blind)}));`;
    const seen = (await under(["--allow-all"], seeing, home)).trimEnd().split("\n").at(-1);
    assertEquals(seen, '"unknown"', "not dead, though that process has ended");
  }));
