/** The Deno permissions of `login`: every flag is needed, and each missing one is reported. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { login } from "../../../lib/cli/login/login.ts";
import { commandPermissions } from "../../../lib/cli/shared/permissions.ts";
import { whileHeld } from "../../runtime/fs/processes.ts";
import { runUnderDeno, smallestFlags } from "../process.ts";
import { onStage } from "./stage.ts";

/** Values that some runs do not need, for instance those in a pipe. */
const SPARED = ["KIMI_OAUTH_HOST", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"];
const KIMI_CODE = ["KIMI_CODE_HOME", "$HOME/.kimi-code"];
const DISPLAYS = ["DISPLAY", "WAYLAND_DISPLAY", "xdg-open", "open"];

/** Splits the flags into one per name, host or folder. */
function single(flags: readonly string[]): readonly (readonly [flag: string, item: string])[] {
  return flags.flatMap((flag) => {
    const [name = "", value = ""] = flag.split("=");
    return value.split(",").map((item) => [name, item] as const);
  });
}

for (const { flag, value, why } of login.permissions) {
  for (const item of value.split(",")) {
    if ([...SPARED, ...KIMI_CODE, ...DISPLAYS].includes(item) || item === "auth.kimi.ai") continue;
    Deno.test(`login without ${flag}=${item} reports the flag and why it is needed, and changes nothing`, () =>
      onStage(async ({ kimi, home }) => {
        const host = new URL(kimi.url).host;
        const missing = item.replace("$HOME", home.path).replace(/^auth\.kimi\.com$/, host);
        const flags = single(smallestFlags(login, { home, kimi }))
          .filter(([name, item]) => name !== flag || item !== missing)
          .map(([name, item]) => `${name}=${item}`);
        const { code, stdout, stderr } = await runUnderDeno(login, [], { home, kimi, flags });
        assertEquals([code, stdout, await home.readAuth()], [1, "", undefined]);
        const [last = ""] = stderr.trimEnd().split("\n").slice(-1);
        assertStringIncludes(last, `error: Deno denied access to ${missing}`);
        assertStringIncludes(last, `, which is needed to ${why}: run again with ${flag}=`);
        assertEquals(
          await home.list().then((paths) => paths.filter((path) => /tmp|device_id\./.test(path))),
          [],
        );
      }));
  }
}

Deno.test("a denied folder is never taken for a missing one", () =>
  onStage(async ({ kimi, home }) => {
    await home.write(".local/share/opencode/auth.json", "{}");
    await home.write(".kimi/device_id", "0123456789abcdef0123456789abcdef");
    const flags = ["--allow-env", "--allow-net", "--allow-sys", "--allow-run=uname"];
    const data = [`--allow-read=${home.data}`, `--allow-write=${home.data}`];
    const share = await runUnderDeno(login, [], { home, kimi, flags: [...flags, ...data] });
    assertMatch(
      share.stderr,
      /Deno denied access to [^ ]+\/\.kimi, .* run again with --allow-read=/,
    );
    const none = await runUnderDeno(login, [], { home, kimi, flags });
    assertMatch(
      none.stderr,
      /Deno denied access to [^ ]+\/opencode, .* run again with --allow-read=/,
    );
    assertEquals(kimi.requests.length, 0);
  }));

Deno.test("the missing flag names the folder that XDG_DATA_HOME sets", () =>
  onStage(async ({ kimi, home }) => {
    const env = { XDG_DATA_HOME: `${home.path}/data` };
    const { stderr } = await runUnderDeno(login, [], { home, kimi, env });
    assertMatch(stderr, /run again with .*--allow-read=[^ ]+\/data\/opencode\n$/);
  }));

Deno.test("the flags are sufficient in a home that is a link, also the second time", () =>
  onStage(async ({ kimi, home }) => {
    const path = `${home.path}.link`;
    await Deno.symlink(home.path, path);
    try {
      for (const args of [[], ["--force"]]) {
        const { code, stderr } = await runUnderDeno(login, args, { kimi, home: { path } });
        assertEquals(code, 0, stderr);
      }
    } finally {
      await Deno.remove(path);
    }
  }));

Deno.test("if auth.json is a link, the missing flag names the folder of its target", () =>
  onStage(async ({ kimi, home }) => {
    await home.write("dotfiles/auth.json", "{}");
    await Deno.mkdir(home.data, { recursive: true });
    await Deno.symlink("../../../dotfiles/auth.json", home.auth);
    const flags = [...smallestFlags(login, { home, kimi })];
    for (const flag of ["--allow-read", "--allow-write"]) {
      const { code, stderr } = await runUnderDeno(login, [], { home, kimi, flags });
      const folder = `${flag}=${home.path}/dotfiles`;
      assert(stderr.endsWith(` ${folder}\n`), stderr);
      assertEquals([code, kimi.requests.length], [1, 0]);
      flags.push(folder);
    }
    const { code, stderr } = await runUnderDeno(login, [], { home, kimi, flags });
    assertEquals(code, 0, stderr);
    assertEquals(await Deno.readLink(home.auth), "../../../dotfiles/auth.json");
  }));

Deno.test("deno.json's permissions are sufficient with the folders of the home", () =>
  onStage(async ({ kimi, home }) => {
    const folders = `${home.data},${home.path}/.kimi`;
    const flags = ["-P=login", `--allow-read=${folders}`, `--allow-write=${folders}`];
    const hosts = `--allow-net=${new URL(kimi.url).host}`;
    const { code, stderr } = await runUnderDeno(login, [], {
      home,
      kimi,
      flags: [...flags, hosts],
    });
    assertEquals(code, 0, stderr);
  }));

Deno.test("the flags are sufficient to wait for the lock of another process", () =>
  onStage(async ({ kimi, home }) => {
    await Deno.mkdir(home.data, { recursive: true });
    await whileHeld(`${home.data}/kimi-for-coding-oauth.lock`, async (holder) => {
      const running = runUnderDeno(login, [], { home, kimi });
      const first = await Promise.race([kimi.arrival("poll"), running]);
      assertEquals(first, undefined, "the login ended before it asked for a token");
      assertEquals(await holder.renew(), true);
      assertEquals(await home.readAuth(), undefined);
      await holder.release();
      assertEquals((await running).code, 0);
      assert(await home.readAuth() !== undefined);
    });
  }));

Deno.test("commandPermissions() names the browser and the files of each platform", () => {
  const values = (platform: string, flag: string) =>
    commandPermissions("login", platform).filter((permission) => permission.flag === flag)
      .map(({ value }) => value);
  assertEquals(values("linux", "--allow-run"), ["uname", "xdg-open"]);
  assertEquals(values("darwin", "--allow-run"), ["uname", "open"]);
  assertEquals(values("win32", "--allow-run"), ["rundll32"]);
  assertEquals(values("linux", "--allow-read").length, 2);
  assertEquals(values("darwin", "--allow-read").length, 3);
  assert(!values("win32", "--allow-env").some((value) => value.includes("DISPLAY")));
});
