import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { usage } from "../../../lib/cli/usage/usage.ts";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import { type FakeKimi, NEWER_USAGES, startFakeKimi } from "../../support/fake/kimi.ts";
import type { FaultAnswer } from "../../support/fake/types.ts";
import type { Outcome } from "../../support/process.ts";
import { type Home, makeHome, type RunOptions, runUnderDeno } from "../process.ts";

const ID = "kimi-for-coding-oauth";

/** An entry of another provider, which must be kept. */
const OTHER = '{ "type":"api",  "key": "k\\u00e9" }';

/** Writes a login of the fake to auth.json, which expires in `left` seconds. */
async function logIn(home: Home, fake: FakeKimi, left = 900): Promise<void> {
  const { access_token, refresh_token } = fake.issueTokens({ lifetime: left });
  const entry = {
    type: "oauth",
    refresh: refresh_token,
    access: access_token,
    expires: Date.now() + left * 1000,
  };
  const text = `{"other": ${OTHER},\n "${ID}": ${JSON.stringify(entry)}}`;
  await home.write(".local/share/opencode/auth.json", text);
}

/** Runs the command with exactly the flags that it needs. */
async function run(
  options: RunOptions,
  ...args: readonly string[]
): Promise<Pick<Outcome, "code" | "stdout" | "stderr">> {
  const { code, stdout, stderr } = await runUnderDeno(usage, args, options);
  return { code, stdout, stderr };
}

/** The one line that a failed run prints. */
async function failure(options: RunOptions, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(options, ...args);
  assertEquals([code, stdout], [1, ""], stderr);
  const [line = "", ...rest] = stderr.split("\n");
  assertEquals(rest, [""], stderr);
  return line;
}

Deno.test("usage prints the windows in local time and writes no file", async () => {
  await using fake = await startFakeKimi();
  await using home = await makeHome();
  await logIn(home, fake);
  const before = await home.readAuth();
  const options = { home, kimi: fake, env: { TZ: "Asia/Kathmandu" } };
  const { code, stdout, stderr } = await run(options);
  assertEquals([code, stderr], [0, ""]);
  const [first = "", second = "", ...rest] = stdout.split("\n");
  assertMatch(first, /^5 hours {2}█+░+ {2}27 % {2}resets 2030-01-01 20:38 \(in \d+ d( \d+ h)?\)$/);
  assertMatch(second, /^week {5}█+░+ {2}26 % {2}resets 2030-01-08 21:38 \(in \d+ d( \d+ h)?\)$/);
  assertEquals(rest, ["", "Membership: Intermediate", "Parallel requests: 30", ""]);
  for (const line of stdout.split("\n")) assert(line.length <= 80, line);
  assertEquals(await home.readAuth(), before);
  assertEquals(await home.list(), [".local/share/opencode/auth.json"]);
  assertEquals(fake.requests.map(({ kind }) => kind), ["usages"]);
});

Deno.test("usage refreshes a login that is due and keeps every other byte of auth.json", async () => {
  await using fake = await startFakeKimi();
  await using home = await makeHome();
  await logIn(home, fake, 100);
  const { code, stderr } = await run({ home, kimi: fake });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(fake.refreshes, 1);
  const text = await home.readAuth() ?? "";
  assert(text.startsWith(`{"other": ${OTHER},\n "${ID}": `), text);
  assertEquals(await home.list(), [".kimi/device_id", ".local/share/opencode/auth.json"]);
  const again = await run({ home, kimi: fake });
  assertEquals([again.code, fake.refreshes], [0, 1]);
});

Deno.test("usage --client opencode sends the plugin's real name", async () => {
  await using fake = await startFakeKimi({ identity: "opencode" });
  await using home = await makeHome();
  await logIn(home, fake, 100);
  const { code, stderr } = await run({ home, kimi: fake }, "--client", "opencode");
  assertEquals([code, stderr], [0, ""]);
  const agents = fake.requests.flatMap(({ headers }) =>
    headers.filter(([name]) => name.toLowerCase() === "user-agent").map(([, value]) => value)
  );
  assertEquals(agents, Array(2).fill(`opencode-kimi-full/${VERSION}`));
});

Deno.test("usage --json prints the documented shape", async () => {
  await using fake = await startFakeKimi({ usages: NEWER_USAGES, usagesPath: "usage" });
  await using home = await makeHome();
  await logIn(home, fake);
  const { code, stdout, stderr } = await run({ home, kimi: fake }, "--json");
  assertEquals([code, stderr], [0, ""]);
  const month = { usedShare: 0.4, resetsAt: "2030-02-01T00:00:00.000Z" };
  assertEquals(JSON.parse(stdout), {
    windows: [
      { name: "5 hours", seconds: 18000, usedShare: 0.27, resetsAt: "2030-01-01T14:53:05.519Z" },
      { name: "week", seconds: 604800, usedShare: 0.26, resetsAt: "2030-01-08T15:53:05.000Z" },
      { name: "month", ...month },
      { name: "month, coding", ...month, usedShare: 0.935 },
    ],
    membership: "LEVEL_INTERMEDIATE",
    booster: {
      leftCents: 15000,
      totalCents: 20000,
      currency: "USD",
      monthlyLimitCents: 20000,
      monthlyUsedCents: 5000,
    },
    parallel: 30,
  });
});

Deno.test("usage reads a login from OPENCODE_AUTH_CONTENT and does not refresh it", async () => {
  await using fake = await startFakeKimi();
  await using home = await makeHome();
  await logIn(home, fake, 100);
  const env = { OPENCODE_AUTH_CONTENT: await home.readAuth() ?? "" };
  await Deno.remove(home.data, { recursive: true });
  const { code, stderr } = await run({ home, kimi: fake, env });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(fake.requests.map(({ kind }) => kind), ["usages"]);
  assertEquals(await home.list(), [".local/share"]);
});

Deno.test("usage reports a missing or unreadable login", async () => {
  await using home = await makeHome();
  const notLoggedIn = /^error: Not logged in to Kimi: run opencode auth login /;
  assertMatch(await failure({ home }), notLoggedIn);
  assertMatch(await failure({ home }, "--json"), notLoggedIn);
  const auth = ".local/share/opencode/auth.json";
  for (const text of ["", "{}", `{"${ID}":{"type":"api","key":"k"}}`]) {
    await home.write(auth, text);
    assertMatch(await failure({ home }), notLoggedIn);
  }
  await home.write(auth, "{ broken");
  assertMatch(await failure({ home }), /auth\.json holds no JSON object, and was left as it is/);
  await Deno.remove(home.auth);
  await Deno.mkdir(home.auth);
  assertMatch(await failure({ home }), /auth\.json cannot be read/);
});

Deno.test("usage reports an ended login, a missing plan, a portal and a closed port", async () => {
  await using fake = await startFakeKimi();
  await using home = await makeHome();
  await logIn(home, fake);
  const options = { home, kimi: fake };
  const says = async (status: number, body: string | Readonly<Record<string, unknown>>) => {
    const type = typeof body === "string" ? "text/html; charset=utf-8" : "application/json";
    const answer = { status, body, headers: { "Content-Type": type } };
    fake.settings.faults = [{ kind: "usages", times: "always", answer }];
    const line = await failure(options);
    fake.settings.faults = [];
    return line;
  };
  const html = "<!doctype html><h1>Sign in</h1>";
  const error = { error: { message: "unable to verify your membership benefits" } };
  assertMatch(await says(402, error), /cannot verify the membership: check the plan/);
  for (const status of [200, 403]) {
    assertMatch(await says(status, html), /a web page came in its place: log in to the network's/);
  }
  assertMatch(await says(404, {}), /has neither \/usages nor \/usage/);
  assertMatch(await says(503, ""), /service has a failure/);
  fake.forgetRequests();
  assertMatch(await says(401, {}), /Kimi refuses this account[^\n]+run opencode auth login/);
  assertEquals(fake.requests.map(({ kind }) => kind), ["usages", "refresh", "usages"]);
  const foreign = { ...options, env: { KIMI_CODE_BASE_URL: "https://kimi.example/v1" } };
  assertMatch(await failure(foreign), /not sent to kimi\.example: it was not configured when you/);
  const junk = { ...options, env: { KIMI_CODE_BASE_URL: "junk" } };
  assertMatch(await failure(junk), /"junk" is not a URL/);
  await fake.close();
  assertMatch(await failure(options), /127\.0\.0\.1:\d+ refuses connections: check the host/);
});

Deno.test("usage asks for a new login if the refresh token is rejected", async () => {
  await using fake = await startFakeKimi();
  await using home = await makeHome();
  await logIn(home, fake, 1);
  fake.settings.clockOffset = 40 * 86_400;
  fake.settings.faults = [{
    kind: "refresh",
    times: "always",
    answer: { status: 400, body: { error: "invalid_grant" } },
  }];
  fake.expireAccessTokens();
  assertMatch(
    await failure({ home, kimi: fake }),
    /no longer accepts the login: run opencode auth login/,
  );
});

Deno.test("usage reports why a refresh failed", async () => {
  await using fake = await startFakeKimi();
  await using home = await makeHome();
  await logIn(home, fake, -60);
  const says = (answer: FaultAnswer | "html" | "drop-before") => {
    fake.settings.faults = [{ kind: "refresh", times: "always", answer }];
    return failure({ home, kimi: fake });
  };
  assertMatch(
    await says({ status: 407 }),
    /^error: Token refresh: .+ the proxy asks for a password/,
  );
  assertMatch(await says("html"), /a web page came in its place: log in to the network's portal/);
  assertMatch(await says("drop-before"), /closed the connection before it answered: try again/);
  assertMatch(await says({ status: 503 }), /^error: Token refresh failed: HTTP 503/);
  await fake.close();
  assertMatch(await failure({ home, kimi: fake }), /refuses connections: check the host/);
});

Deno.test("usage reports a missing permission and why it is needed", async () => {
  await using fake = await startFakeKimi();
  await using home = await makeHome();
  await logIn(home, fake);
  const { host } = new URL(fake.url);
  const variables = usage.permissions.find(({ flag }) => flag === "--allow-env")?.value ?? "";
  const env = `--allow-env=${variables}`;
  const data = join(home.path, ".local/share/opencode");
  const access = `--allow-read=${data}`;
  const steps: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /homedir, which is needed to send the name [^:]+: run again with --allow-sys=/],
    [["--allow-sys"], /XDG_DATA_HOME, which is needed to read [^:]+: run again with --allow-env=/],
    [["--allow-sys", env], /which is needed to read [^:]+: run again with --allow-read=/],
    [["--allow-sys", env, access], /which is needed to ask [^:]+: run again with --allow-net=/],
  ];
  for (const [flags, says] of steps) assertMatch(await failure({ home, kimi: fake, flags }), says);
  const flags = ["--allow-sys", env, access, `--allow-net=${host}`];
  const { code, stderr } = await run({ home, kimi: fake, flags });
  assertEquals([code, stderr], [0, ""], "a fresh login needs no other permission");
});

Deno.test("usage --help lists the permissions, and an unknown option ends with 2", async () => {
  await using home = await makeHome();
  const help = await run({ home, flags: [] }, "--help");
  assertEquals([help.code, help.stderr], [0, ""]);
  for (const { flag, value } of usage.permissions) {
    assert(help.stdout.includes(flag) && help.stdout.includes(value), flag);
  }
  const nobody = await run({ home, flags: [] }, "--client", "nobody");
  assertEquals([nobody.code, nobody.stdout], [2, ""]);
  assertMatch(nobody.stderr, /--client must be kimi-cli or kimi-code or opencode/);
  const unknown = await run({ home, flags: [] }, "--jsn");
  assertEquals([unknown.code, unknown.stdout], [2, ""]);
  assertMatch(unknown.stderr, /--jsn/);
});
