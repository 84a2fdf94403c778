/** Missing permissions, and the sample request. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatReport } from "../../../lib/cli/doctor/report/text.ts";
import { AUTH, CONFIG, DEVICE_ID, HOME, PIPE, PROJECT, reported } from "./fixtures.ts";

Deno.test("the sample request has kimi-cli's keys in its order, and the user's own options last", async () => {
  const { request } = await reported({}, { request: true });
  assertEquals(request?.url, "https://api.kimi.com/coding/v1/chat/completions");
  assertEquals(Object.keys(request?.body ?? {}), [
    "messages",
    "model",
    "max_completion_tokens",
    "prompt_cache_key",
    "stream",
    "stream_options",
    "tools",
    "thinking",
  ]);
  assertEquals(request?.headers.Authorization, "Bearer [access token]");
  assertEquals(request?.headers["X-Msh-Device-Id"], "012345…");
  const options = { reasoningEffort: "high", safety: 1 };
  const provider = { "kimi-for-coding-oauth": { models: { "kimi-for-coding": { options } } } };
  const own = await reported({
    files: { [CONFIG]: JSON.stringify({ plugin: ["opencode-kimi-full"], provider }) },
    variables: { KIMI_MODEL_TEMPERATURE: "1" },
  }, { request: true });
  assertEquals(Object.keys(own.request?.body ?? {}).slice(4), [
    "reasoning_effort",
    "stream",
    "stream_options",
    "temperature",
    "tools",
    "thinking",
    "safety",
  ]);
});

Deno.test("doctor names each denied path with its flag, and never calls it missing", async () => {
  const denied = (path: string) => ({ state: "denied", flag: `--allow-read="${path}"` }) as const;
  const report = await reported({
    files: {
      [AUTH]: denied(AUTH),
      [CONFIG]: denied(CONFIG),
      [DEVICE_ID]: denied(DEVICE_ID),
      [`${PROJECT}/.git`]: undefined,
      [`${HOME}/.git`]: denied(`${HOME}/.git`),
    },
  });
  assertEquals(report.findings.map(({ id }) => id), ["not-looked-at"]);
  assertMatch(report.findings[0]?.what ?? "", /^4 things were not looked at/);
  assertEquals(report.login.state, "not looked at");
  assertEquals(report.headers.at(-1)?.value, null);
  assertEquals(report.notLookedAt.map(({ what, flag }) => `${what} ${flag}`), [
    '~/.local/share/opencode/auth.json --allow-read="$HOME/.local/share/opencode/auth.json"',
    '~/.kimi/device_id --allow-read="$HOME/.kimi/device_id"',
    '~/.config/opencode/opencode.json --allow-read="$HOME/.config/opencode/opencode.json"',
    '~ --allow-read="$HOME/.git"',
  ]);
});

Deno.test("doctor names the flag of each denied fact, and of the home folder for the files in it", async () => {
  const deny = (message: string): never => {
    throw Object.assign(new Error(`Requires ${message} flag`), { name: "NotCapable" });
  };
  const report = await reported({
    deps: {
      variable: (name) => deny(`env access to "${name}", run again with the --allow-env`),
      home: () => deny('sys access to "homedir", run again with the --allow-sys'),
      deviceFacts: () =>
        Promise.resolve().then(() => deny('run access to "uname", run again with the --allow-run')),
    },
  });
  assertEquals(
    report.findings.filter(({ severity }) => severity === "problem").map(({ id }) => id),
    [
      "not-looked-at",
    ],
  );
  const { what = "" } = report.findings.find(({ id }) => id === "not-looked-at") ?? {};
  assertMatch(what, new RegExp(`^${report.notLookedAt.length} things were not looked at`));
  const files = report.notLookedAt.filter(({ what }) => what.includes("/"));
  assertEquals(files, []);
  assert(report.notLookedAt.some(({ what }) => what === "the home folder, and every file"));
  const flags = report.notLookedAt.map(({ flag }) => flag);
  for (const flag of ["--allow-env=XDG_DATA_HOME", "--allow-sys=homedir", "--allow-run=uname"]) {
    assert(flags.includes(flag), flag);
  }
  assertEquals(report.headers.slice(3).map(({ value }) => value), [null, null, null, null]);
});

Deno.test("what Deno hides is not shown as a default or as absent", async () => {
  const denied = { state: "denied", flag: `--allow-read="${CONFIG}"` } as const;
  const report = await reported({
    files: { [CONFIG]: denied, [`${HOME}/.config/opencode/package.json`]: undefined },
  });
  assertEquals(report.opencode.hasProviderEntry, null);
  assertEquals(report.findings.map(({ id }) => id), ["not-looked-at"]);
  const text = formatReport(report, PIPE);
  assertMatch(text, /client +kimi-cli \(as far as doctor could look\)/);
  assertMatch(text, /API base .*\n +\(default, as far as doctor could look\)/);
  assertMatch(text, /configuration +not looked at/);
  assertMatch(text, /provider entry +not looked at/);
});
