/** `doctor` as a process under Deno, with exactly its flags and with fewer. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { doctor } from "../../../lib/cli/doctor/doctor.ts";
import { holderName } from "../../../lib/runtime/fs/lock_holder.ts";
import { startFakeKimi, TOKEN_MARKER } from "../../support/fake/kimi.ts";
import { doctorJson, healthyHome, IN_HOME, runDoctor } from "./process.ts";
import { type Home, smallestFlags } from "../process.ts";

const PROVIDER = "kimi-for-coding-oauth";

/** Every path of a home, with mode, size and time of the last change. */
async function snapshot({ path, list }: Home): Promise<readonly string[]> {
  return await Promise.all((await list()).map(async (name) => {
    const { mtime, mode, size } = await Deno.stat(join(path, name));
    return `${name} ${mode} ${size} ${mtime?.getTime()}`;
  }));
}

function configured(more: object): string {
  return JSON.stringify({ plugin: ["opencode-kimi-full"], ...more });
}

/** A problem and its finding. */
interface PlantedProblem {
  readonly id: string;
  readonly fix: RegExp;
  readonly plant: (home: Home) => Promise<unknown>;
}

const PLANTED: readonly PlantedProblem[] = [
  {
    id: "auth-mode",
    fix: /^chmod 600 ~\/\.local\/share\/opencode\/auth\.json$/,
    plant: ({ auth }) => Deno.chmod(auth, 0o644),
  },
  {
    id: "login-expires",
    fix: /^opencode auth login -p kimi-for-coding-oauth /,
    async plant({ auth, write }) {
      const text = await Deno.readTextFile(auth);
      await write(IN_HOME.auth, text.replace(/"expires":\d+/, "$&.5"));
    },
  },
  {
    id: "device-id-empty",
    fix: /^rm ~\/\.kimi\/device_id: the next start creates a new one$/,
    plant: ({ write }) => write(IN_HOME.deviceId, ""),
  },
  {
    id: "lock-stale",
    fix: /^rm -r ~\/\.local\/share\/opencode\/kimi-for-coding-oauth\.lock/,
    async plant({ path, write }) {
      const holder = { pid: 1, start: "", place: "0" };
      await write(`${IN_HOME.lock}/${holderName(holder, crypto.randomUUID(), 1)}`, "");
      const past = new Date(Date.now() - 3_600_000);
      await Deno.utime(join(path, IN_HOME.lock), past, past);
    },
  },
  {
    id: "plugin-missing",
    fix: /^opencode plugin opencode-kimi-full --global$/,
    plant: ({ write }) => write(IN_HOME.config, "{}"),
  },
  {
    id: "plugin-old",
    fix: /^rm -rf ~\/\.cache\/opencode\/packages\/opencode-kimi-full@\*, and restart opencode$/,
    plant: ({ write }) => write(IN_HOME.installed, '{"version":"0.0.1"}'),
  },
  {
    id: "other-plugin",
    fix: /^remove "opencode-kimi-oauth" from ~\/\.config\/opencode\/opencode\.json$/,
    plant: ({ write }) =>
      write(IN_HOME.config, configured({ plugin: ["opencode-kimi-full", "opencode-kimi-oauth"] })),
  },
  {
    id: "base-url",
    fix: /^remove options\.baseURL: the default is right$/,
    plant: ({ write }) => {
      const options = { baseURL: "https://api.kimi.com/coding" };
      return write(IN_HOME.config, configured({ provider: { [PROVIDER]: { options } } }));
    },
  },
  {
    id: "provider-npm",
    fix: /^write "npm": "@ai-sdk\/openai-compatible", or remove the line$/,
    plant: ({ write }) =>
      write(
        `${IN_HOME.project}/opencode.jsonc`,
        `{ // mine
        "provider": { "${PROVIDER}": { "npm": "@ai-sdk/anthropic", }, }, }`,
      ),
  },
  {
    id: "old-id",
    fix: /^write "kimi-for-coding-oauth" instead, and log in: /,
    plant: ({ write }) =>
      write(`${IN_HOME.project}/.opencode/opencode.json`, '{"model":"kimi-for-coding/k2p5"}'),
  },
];

Deno.test({
  name: "doctor finds each of ten planted problems, with its fix",
  ignore: Deno.build.os === "windows",
  async fn() {
    assertEquals(PLANTED.length, 10);
    await using fake = await startFakeKimi();
    for (const { id, fix, plant } of PLANTED) {
      await using home = await healthyHome(fake);
      await plant(home);
      const { code, report } = await doctorJson([], { home, kimi: fake });
      const found = report.findings.filter(({ severity }) => severity === "problem");
      assertEquals(found.map((finding) => finding.id), [id]);
      assertMatch(found[0]?.fix ?? "", fix);
      assertEquals([code, report.notLookedAt], [1, []], id);
    }
    await using home = await healthyHome(fake);
    for (const { id, plant } of PLANTED) if (id !== "plugin-missing") await plant(home);
    const { report } = await doctorJson([], { home, kimi: fake });
    const ids = report.findings.map(({ id }) => id);
    // base-url writes the configuration last, which removes the second plugin.
    const expected = PLANTED.map(({ id }) => id).filter((id) =>
      !["plugin-missing", "other-plugin"].includes(id)
    );
    assertEquals(expected.filter((id) => !ids.includes(id)), []);
    assertEquals(fake.requests, [], "nothing is sent without --online");
  },
});

Deno.test("doctor exits with 0 on a healthy machine, and changes nothing with any option", async () => {
  await using fake = await startFakeKimi();
  await using home = await healthyHome(fake);
  const before = await snapshot(home);
  const options = { home, kimi: fake };
  const { code, report } = await doctorJson(["--online", "--request", "--full"], options);
  assertEquals([code, report.findings, report.notLookedAt], [0, [], []]);
  assertEquals(report.online?.models?.map(({ id }) => id), ["kimi-for-coding"]);
  assertEquals(await snapshot(home), before);
  assertEquals(fake.refreshes, 0);
  assertEquals(fake.requests.map(({ kind }) => kind).sort(), ["device", "models"]);
  for (const args of [["--full", "--request"], ["--report"], ["--online", "--full"]]) {
    const { code, stdout, stderr } = await runDoctor(args, options);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.includes(TOKEN_MARKER), false);
  }
});

Deno.test("doctor exits with 1 in an empty home, which stays empty", async () => {
  await using fake = await startFakeKimi();
  await using home = await healthyHome(fake);
  for (const name of [".local", ".config", ".cache", ".kimi"]) {
    await Deno.remove(join(home.path, name), { recursive: true });
  }
  const { code, report } = await doctorJson(["--online"], { home, kimi: fake });
  assertEquals(code, 1);
  assertEquals(report.findings.map(({ id, severity }) => `${severity} ${id}`), [
    "problem not-logged-in",
    "problem plugin-missing",
  ]);
  assertEquals(await home.list(), [`${IN_HOME.project}/.git`]);
});

Deno.test("doctor names the missing flag if a permission is missing, and calls nothing missing", async () => {
  await using fake = await startFakeKimi();
  await using home = await healthyHome(fake);
  const options = { home, kimi: fake };
  const { code, report } = await doctorJson([], { ...options, flags: [] });
  assertEquals(code, 1);
  assertEquals(
    report.findings.filter(({ severity }) => severity === "problem").map(({ id }) => id),
    [
      "not-looked-at",
    ],
  );
  const all = smallestFlags(doctor, options);
  for (const flag of ["--allow-env", "--allow-sys", "--allow-read", "--allow-run"]) {
    const flags = all.filter((given) => !given.startsWith(flag));
    const fewer = await doctorJson([], { ...options, flags });
    assertEquals([fewer.code, fewer.report.findings[0]?.id], [1, "not-looked-at"], flag);
    assert(fewer.report.notLookedAt.some((unseen) => unseen.flag.startsWith(flag)), flag);
    assertEquals(
      fewer.report.findings.some(({ id }) => /missing|not-logged/.test(id)),
      false,
      flag,
    );
  }
  const offline = all.filter((given) => !given.startsWith("--allow-net"));
  const online = await doctorJson(["--online"], { ...options, flags: offline });
  assertEquals(online.report.findings.map(({ id }) => id), ["not-looked-at"]);
  assertMatch(online.report.notLookedAt[0]?.flag ?? "", /^--allow-net=127\.0\.0\.1/);
});

Deno.test("doctor names a parent folder whose configuration Deno does not allow to read", async () => {
  await using fake = await startFakeKimi();
  await using home = await healthyHome(fake);
  await Deno.remove(join(home.path, IN_HOME.project, ".git"));
  const { code, report } = await doctorJson([], { home, kimi: fake });
  assertEquals([code, report.findings], [0, []]);
  assertEquals(report.notLookedAt.map(({ what }) => what), ["~"]);
});

Deno.test("doctor distinguishes a closed port, a portal and a proxy's 407 under Deno", async () => {
  await using fake = await startFakeKimi();
  await using home = await healthyHome(fake);
  const ids = async () => {
    const { report } = await doctorJson(["--online"], { home, kimi: fake });
    return report.findings.map(({ id }) => id);
  };
  const page = {
    status: 200,
    headers: { "Content-Type": "text/html" },
    body: "<html>Log in</html>",
  };
  fake.settings.faults = [{ times: 2, answer: page }];
  assertEquals(await ids(), ["oauth-portal", "api-portal"]);
  fake.settings.faults = [{ times: 2, answer: { status: 407 } }];
  assertEquals(await ids(), ["oauth-proxy", "api-proxy"]);
  const late = new Date(Date.now() + 3_600_000).toUTCString();
  const body = { data: [] };
  fake.settings.faults = [{
    kind: "models",
    answer: { status: 200, headers: { Date: late }, body },
  }];
  assertEquals(await ids(), ["clock"]);
  await fake.close();
  assertEquals(await ids(), ["oauth-refused", "api-refused"]);
});

Deno.test("--help lists the options and flags, and a wrong option exits with 2", async () => {
  await using fake = await startFakeKimi();
  await using home = await healthyHome(fake);
  const options = { home, kimi: fake };
  const help = await runDoctor(["--help"], options);
  for (const { name } of doctor.options) assertStringIncludes(help.stdout, `--${name}`);
  for (const { flag } of doctor.permissions) assertStringIncludes(help.stdout, flag);
  for (const args of [["--jsn"], ["--json", "--report"], ["extra"]]) {
    const { code, stdout, stderr } = await runDoctor(args, options);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /^error: .+; doctor --help lists the options\n$/);
  }
});
