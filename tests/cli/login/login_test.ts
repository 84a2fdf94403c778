/** `login` in a process under Deno, with exactly the flags that it needs. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { login } from "../../../lib/cli/login/login.ts";
import type { Outcome } from "../../support/process.ts";
import {
  type FakeKimi,
  type FakeSettings,
  startFakeKimi,
  TOKEN_MARKER,
} from "../../support/fake/kimi.ts";
import { type Home, makeHome, type RunOptions, runUnderDeno } from "../process.ts";

const ID = "kimi-for-coding-oauth";

/** Text that opencode would change if it rewrote the file. */
const OTHERS = '{\n  "openai": {"type":"api",  "key":"sk-1", "note": [1, 2.50]}\n}\n';

interface Stage extends AsyncDisposable {
  readonly kimi: FakeKimi;
  readonly home: Home;
  /** Runs the command, and asserts that its output holds no token. */
  readonly run: (args?: readonly string[], options?: Partial<RunOptions>) => Promise<Outcome>;
}

async function stage(settings: Partial<FakeSettings> = {}): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const kimi = opened.use(await startFakeKimi({ autoAuthorizeAfterPolls: 0, ...settings }));
  const home = opened.use(await makeHome());
  const kept = opened.move();
  return {
    kimi,
    home,
    async run(args = [], options = {}) {
      const outcome = await runUnderDeno(login, args, { home, kimi, ...options });
      assert(!(outcome.stdout + outcome.stderr).includes(TOKEN_MARKER), "a token was shown");
      return outcome;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function entry(home: Home): Promise<Record<string, unknown>> {
  return JSON.parse(await home.readAuth() ?? "{}")[ID];
}

async function mode(path: string): Promise<string> {
  const { mode } = await Deno.stat(path);
  return ((mode ?? 0) & 0o777).toString(8);
}

Deno.test("login prints the page, the code, the time left, the file and the next steps", async () => {
  await using at = await stage();
  const { code, stdout, stderr } = await at.run();
  assertEquals(code, 0, stderr);
  assertMatch(
    stdout,
    /^Confirm the code [A-Z]{4}-\d{4} on this page:\n {2}https:\/\/www\.kimi\.com\//,
  );
  assertMatch(
    stdout,
    /\n\nLogged in until \d{4}-\d\d-\d\d \d\d:\d\d; each use extends this\n/,
  );
  assertStringIncludes(
    stdout,
    `\nThe login is stored in ${at.home.auth}\nNext: add "plugin": ["opencode-kimi-full"]`,
  );
  assertStringIncludes(
    stdout,
    "\nAn opencode that is running uses the login from its next question on\n",
  );
  assertMatch(
    stderr,
    /^Kimi may suspend accounts over this; --client opencode sends our real name\n/,
  );
  assertStringIncludes(
    stderr,
    "\nWaiting for you to confirm in the browser; the code is valid for 15 minutes\n",
  );
});

Deno.test("a first login creates auth.json as opencode reads it, private, and no other file", async () => {
  await using at = await stage();
  await at.run();
  const { type, access, refresh, expires, enterpriseUrl } = await entry(at.home);
  assertEquals([type, enterpriseUrl], ["oauth", `${at.kimi.url} ${at.kimi.apiBase}`]);
  assertStringIncludes(String(access), TOKEN_MARKER);
  assertStringIncludes(String(refresh), TOKEN_MARKER);
  assert(Number.isInteger(expires) && Math.abs(Number(expires) - Date.now() - 900_000) < 60_000);
  assertEquals(await at.home.list(), [".kimi/device_id", ".local/share/opencode/auth.json"]);
  assertEquals([await mode(at.home.data), await mode(at.home.auth)], ["700", "600"]);
});

Deno.test("contract 7: every request of a login has the identity headers and no token", async () => {
  await using at = await stage();
  await at.run();
  assertEquals(at.kimi.requests.map(({ kind }) => kind), ["device", "poll"]);
  for (const { status, body } of at.kimi.requests) {
    assertEquals([status, body.includes(TOKEN_MARKER)], [200, false]);
  }
});

Deno.test("login keeps the bytes of other entries and replaces an API key under its own id", async () => {
  await using at = await stage();
  const broken = OTHERS.replace("}\n}", `},\n  "${ID}": {"type":"api","key":"k"}\n}`);
  for (const before of [OTHERS, broken]) {
    await at.home.write(".local/share/opencode/auth.json", before);
    assertEquals((await at.run()).code, 0);
    const after = await at.home.readAuth() ?? "";
    assertStringIncludes(after, OTHERS.slice(0, OTHERS.indexOf("}") + 1));
    assertEquals((await entry(at.home)).type, "oauth");
  }
});

Deno.test("login reports an existing login and its end; --force logs in again", async () => {
  await using at = await stage();
  await at.run();
  const before = await at.home.readAuth();
  at.kimi.forgetRequests();
  const { code, stdout, stderr } = await at.run();
  assertEquals([code, at.kimi.requests.length, await at.home.readAuth()], [0, 0, before]);
  assertMatch(
    stdout,
    /^Already logged in until \d{4}-\d\d-\d\d \d\d:\d\d; each use extends this\n/,
  );
  assertEquals(stderr, "login --force logs in again\n");
  assertEquals((await at.run(["--force"])).code, 0);
  assert(await at.home.readAuth() !== before);
});

Deno.test("login reports the region of an existing login", async () => {
  await using at = await stage();
  const entry = { type: "oauth", access: "a", refresh: "r", expires: Date.now() + 900_000 };
  const ai = { ...entry, enterpriseUrl: "https://auth.kimi.ai https://api.kimi.ai/coding/v1" };
  for (const [login, region] of [[entry, "com"], [ai, "ai"]] as const) {
    await at.home.write(".local/share/opencode/auth.json", JSON.stringify({ [ID]: login }));
    const { stdout } = await at.run();
    assert(stdout.startsWith(`Already logged in at kimi.${region} until `), stdout);
  }
});

Deno.test("login replaces a login whose refresh token has expired", async () => {
  await using at = await stage();
  const past = `e30.${btoa(JSON.stringify({ iat: 1, exp: 2 }))}.x`;
  const old = { type: "oauth", access: past, refresh: past, expires: 2000 };
  await at.home.write(".local/share/opencode/auth.json", JSON.stringify({ [ID]: old }));
  assertMatch((await at.run()).stdout, /\nLogged in until /);
});

Deno.test("--json prints one event per line, with times in ISO 8601", async () => {
  await using at = await stage();
  const read = ({ stdout }: Outcome) =>
    stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const [confirm, loggedIn, ...more] = read(await at.run(["--json"]));
  assertEquals(more, []);
  assertEquals(Object.keys(confirm), ["event", "verificationUri", "userCode", "expiresAt"]);
  assertEquals(confirm.event, "confirm");
  assertStringIncludes(confirm.verificationUri, confirm.userCode);
  const members = ["event", "path", "accessExpiresAt", "loginExpiresAt"];
  assertEquals([loggedIn.event, Object.keys(loggedIn)], ["logged_in", members]);
  assertEquals(new Date(loggedIn.accessExpiresAt).getTime(), (await entry(at.home)).expires);
  const [already] = read(await at.run(["--json"]));
  assertEquals(already, { ...loggedIn, event: "already_logged_in" });
});

Deno.test("login reports a refusal and an expired code, and leaves no file behind", async () => {
  await using at = await stage({ autoAuthorizeAfterPolls: null });
  at.kimi.settings.faults.push({
    kind: "poll",
    answer: { status: 400, body: { error: "access_denied" } },
  });
  const refused = await at.run(["--json"]);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /\nerror: Login failed: it was refused in the browser\n$/);
  const last = JSON.parse(refused.stdout.trimEnd().split("\n").at(-1) ?? "");
  assertEquals(last, {
    event: "failed",
    code: "access_denied",
    message: "Login failed: it was refused in the browser",
  });
  at.kimi.settings.deviceExpiresIn = 1;
  const expired = await at.run();
  assertEquals(expired.code, 1);
  assertMatch(expired.stderr, /\nerror: Login failed: the code expired before it was confirmed\n$/);
  assertEquals(await at.home.readAuth(), undefined);
  assert(!(await at.home.list()).some((path) => path.includes("opencode/")));
});

Deno.test("--auth-file stores the login in another file and does not create its folder", async () => {
  await using at = await stage();
  const flags = (folder: string) => [
    `--allow-read=${folder},${at.home.path}/.kimi`,
    `--allow-write=${folder},${at.home.path}/.kimi`,
    ...["--allow-env", "--allow-sys", "--allow-run=uname", "--allow-net"],
  ];
  await at.home.write("elsewhere/x.json", OTHERS);
  const folder = join(at.home.path, "elsewhere");
  const path = join(folder, "x.json");
  const { code, stdout } = await at.run(["--auth-file", path], { flags: flags(folder) });
  assertEquals(code, 0);
  assertStringIncludes(stdout, `The login is stored in ${path}\n`);
  assertStringIncludes(await Deno.readTextFile(path), '"note": [1, 2.50]');
  assertEquals(await at.home.readAuth(), undefined);
  at.kimi.forgetRequests();
  const missing = join(at.home.path, "missing");
  const lost = await at.run(["--auth-file", join(missing, "x.json")], { flags: flags(missing) });
  assertEquals([lost.code, at.kimi.requests.length], [1, 0]);
  assertMatch(
    lost.stderr,
    /x\.json cannot be written \(ENOENT\): its folder is not there: make it\n$/,
  );
});

Deno.test("--auth-file rejects a folder and an empty path", async () => {
  await using at = await stage();
  await at.home.write(".local/share/opencode/sub/x", "");
  for (const name of ["", join(at.home.data, "sub"), join(at.home.data, "sub/")]) {
    const { code, stderr } = await at.run(["--auth-file", name]);
    assertMatch(stderr, /^error: --auth-file must name a file(?:, but [^ ]+ is a folder)?; login/);
    assertEquals([code, at.kimi.requests.length], [2, 0]);
  }
});

Deno.test("--client opencode sends the plugin's real name and prints the option of the plugin", async () => {
  await using at = await stage({ identity: "opencode" });
  const { code, stdout, stderr } = await at.run(["--client", "opencode"]);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, '"plugin": [["opencode-kimi-full", { "client": "opencode" }]]');
});

Deno.test("--client and --region reject unknown names", async () => {
  await using at = await stage();
  for (
    const [option, known] of [["client", "kimi-cli or kimi-code or opencode"], [
      "region",
      "com or ai",
    ]]
  ) {
    const { code, stderr } = await at.run([`--${option}`, "other"]);
    assertEquals(code, 2);
    assertEquals(stderr, `error: --${option} must be ${known}; login --help lists the options\n`);
  }
});
