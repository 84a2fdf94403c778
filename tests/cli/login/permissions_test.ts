/** Deno's permissions as `login`'s interface: no flag too many, and each that is missing is named. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { login } from "../../../lib/cli/login/login.ts";
import { loginPermissions } from "../../../lib/cli/login/permissions.ts";
import { type FakeKimi, startFakeKimi } from "../../support/fake/kimi.ts";
import { whileHeld } from "../../runtime/fs/processes.ts";
import { type Home, makeHome, runUnderDeno, smallestFlags } from "../process.ts";

/** Of these the one or the other is asked for, and none in a pipe. */
const SPARED = ["KIMI_OAUTH_HOST", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"];
const DISPLAYS = ["DISPLAY", "WAYLAND_DISPLAY", "xdg-open", "open"];

interface Stage {
  readonly kimi: FakeKimi;
  readonly home: Home;
}

async function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  await using kimi = await startFakeKimi({ autoAuthorizeAfterPolls: 0 });
  await using home = await makeHome();
  await run({ kimi, home });
}

/** Each flag with one name, host or folder. */
function single(flags: readonly string[]): readonly (readonly [flag: string, item: string])[] {
  return flags.flatMap((flag) => {
    const [name = "", value = ""] = flag.split("=");
    return value.split(",").map((item) => [name, item] as const);
  });
}

for (const { flag, value, why } of login.permissions) {
  for (const item of value.split(",")) {
    if ([...SPARED, ...DISPLAYS].includes(item) || item === "auth.kimi.ai") continue;
    Deno.test(`without ${flag}=${item} login says that it is missing and why, and changes nothing`, () =>
      onStage(async ({ kimi, home }) => {
        const host = new URL(kimi.url).host;
        const missing = item.replace("$HOME", home.path).replace(/^auth\.kimi\.com$/, host);
        const flags = single(smallestFlags(login, { home, kimi }))
          .filter(([name, item]) => name !== flag || item !== missing)
          .map(([name, item]) => `${name}=${item}`);
        const { code, stdout, stderr } = await runUnderDeno(login, [], { home, kimi, flags });
        assertEquals([code, stdout, await home.readAuth()], [1, "", undefined]);
        const [last = ""] = stderr.trimEnd().split("\n").slice(-1);
        assertStringIncludes(last, `error: Deno denied the access to ${missing}`);
        assertStringIncludes(
          last,
          `: ${flag} is missing, which is needed to ${why}. Run again with `,
        );
        assertEquals(
          await home.list().then((paths) => paths.filter((path) => /tmp|device_id\./.test(path))),
          [],
        );
      }));
  }
}

Deno.test("what is denied is never taken for what is not there", () =>
  onStage(async ({ kimi, home }) => {
    await home.write(".local/share/opencode/auth.json", "{}");
    await home.write(".kimi/device_id", "0123456789abcdef0123456789abcdef");
    const flags = ["--allow-env", "--allow-net", "--allow-sys", "--allow-run=uname"];
    const data = [`--allow-read=${home.data}`, `--allow-write=${home.data}`];
    const share = await runUnderDeno(login, [], { home, kimi, flags: [...flags, ...data] });
    assertMatch(share.stderr, /Deno denied the access to [^ ]+\/\.kimi: --allow-read is missing/);
    const none = await runUnderDeno(login, [], { home, kimi, flags });
    assertMatch(none.stderr, /Deno denied the access to [^ ]+\/opencode: --allow-read is missing/);
    assertEquals(kimi.requests.length, 0);
  }));

Deno.test("a folder that is set elsewhere is named in the flag that is missing", () =>
  onStage(async ({ kimi, home }) => {
    const env = { XDG_DATA_HOME: `${home.path}/data` };
    const { stderr } = await runUnderDeno(login, [], { home, kimi, env });
    assertMatch(stderr, /Run again with .*--allow-read=[^ ]+\/data\/opencode\n$/);
  }));

Deno.test("the smallest set is enough in a home that is reached by a link, time and again", () =>
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

Deno.test("where auth.json is a link, the folder that it leads to is named, and is enough", () =>
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

Deno.test("deno.json's set of a clone, with the folders of the home beside it, is enough", () =>
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

Deno.test("under the smallest set the lock of another process is waited for", () =>
  onStage(async ({ kimi, home }) => {
    await Deno.mkdir(home.data, { recursive: true });
    await whileHeld(`${home.data}/kimi-for-coding-oauth.lock`, async (holder) => {
      const running = runUnderDeno(login, [], { home, kimi });
      let hasEnded = false;
      running.finally(() => hasEnded = true);
      while (kimi.requestsOf("poll").length === 0) {
        assert(!hasEnded, "the login ended before it asked for a token");
        await new Promise((done) => setTimeout(done, 20));
      }
      assertEquals(await holder.isHeld(), true);
      assertEquals(await home.readAuth(), undefined);
      await holder.release();
      assertEquals((await running).code, 0);
      assert(await home.readAuth() !== undefined);
    });
  }));

Deno.test("each system has its own program for the browser, and macOS its version's file", () => {
  const values = (platform: string, flag: string) =>
    loginPermissions(platform).filter((permission) => permission.flag === flag)
      .map(({ value }) => value);
  assertEquals(values("linux", "--allow-run"), ["uname", "xdg-open"]);
  assertEquals(values("darwin", "--allow-run"), ["uname", "open"]);
  assertEquals(values("win32", "--allow-run"), ["rundll32"]);
  assertEquals(values("linux", "--allow-read").length, 2);
  assertEquals(values("darwin", "--allow-read").length, 3);
  assert(!values("win32", "--allow-env").some((value) => value.includes("DISPLAY")));
});
