/** What people get wrong when they set the plugin up, and what doctor says about it. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formatReport } from "../../../../lib/cli/doctor/report/text.ts";
import { canWrite } from "../../../../lib/cli/doctor/collect/path_state.ts";
import { VERSION } from "../../../../lib/kimi/identity/constants.ts";
import { startFakeKimi } from "../../../support/fake/kimi.ts";
import { healthyHome, runDoctor } from "../process.ts";
import {
  AUTH,
  auth,
  CONFIG,
  ENTRY,
  file,
  folder,
  type Given,
  HOME,
  INSTALLED,
  NOW,
  PIPE,
  PLUGIN,
  problems,
  provider,
  reported,
  type Row,
  testFindings,
  token,
} from "../fixtures.ts";

const manifest = JSON.stringify({ name: PLUGIN, version: VERSION, main: "./dist/server.js" });

function listing(spec: string, files: Given["files"] = {}): Given {
  return { files: { [CONFIG]: JSON.stringify({ plugin: [spec] }), ...files } };
}

const CLONE = "/src/clone";

const CLONED = { [CLONE]: folder(["npm"]), [`${CLONE}/npm`]: folder(["package.json"]) };

const BUILT = { ...CLONED, [`${CLONE}/npm/package.json`]: manifest };

const ROWS: readonly Row[] = [
  [
    "a checkout without its build",
    listing(`${CLONE}/npm`, BUILT),
    "plugin-unbuilt",
    /\/src\/clone\/npm\/dist\/server\.js does not exist/,
    /deno task build/,
  ],
  [
    "a file of a checkout without its build",
    listing(`${CLONE}/npm/dist/server.js`, BUILT),
    "plugin-unbuilt",
    /server\.js does not exist/,
    /deno task build/,
  ],
  [
    "the folder above the right one",
    listing(CLONE, BUILT),
    "plugin-folder",
    /no package at "\/src\/clone" .* it is in \/src\/clone\/npm$/,
    /^write "\/src\/clone\/npm" instead$/,
  ],
  [
    "a folder inside the right one",
    listing(`${CLONE}/npm/dist`, { ...BUILT, [`${CLONE}/npm/dist`]: folder([]) }),
    "plugin-folder",
    /it is in \/src\/clone\/npm$/,
    /^write/,
  ],
  ...["/tmp/opencode-kimi-full-0.1.0.tgz", "./opencode-kimi-full-0.1.0.tgz"].concat(
    "opencode-kimi-full-0.1.0.tgz",
    "file:./opencode-kimi-full-0.1.0.tgz",
  ).map((spec): Row => [
    `the bare tarball ${spec}`,
    listing(spec),
    "plugin-tarball",
    /takes the tarball for a module/,
    /^write "opencode-kimi-full@file:/,
  ]),
  [
    "a package that npm could not install",
    { files: { [INSTALLED]: undefined, [INSTALLED.split("/node_modules")[0] ?? ""]: folder([]) } },
    "plugin-not-installed",
    /could not install "opencode-kimi-full"/,
    /^npm view opencode-kimi-full version: /,
  ],
  [
    "a package that is not installed though opencode has started since",
    {
      files: {
        [INSTALLED]: undefined,
        [CONFIG]: file(`{"plugin":["${PLUGIN}"]}`, 0o600, NOW - 60_000),
      },
    },
    "plugin-not-installed",
    /could not install/,
    /^npm view/,
  ],
  [
    "a whitelist without a model of the plan",
    provider({ whitelist: ["gpt-5"] }),
    "provider-whitelist",
    /leaves out every known model/,
    /add "kimi-for-coding"$/,
  ],
  [
    "a base URL without its path",
    provider({ options: { baseURL: "https://api.kimi.com" } }),
    "base-url",
    /has the path \/, not \/coding\/v1/,
    /^remove options\.baseURL/,
  ],
  [
    "a base URL without its path in a variable",
    { variables: { KIMI_CODE_BASE_URL: "https://api.kimi.com/" } },
    "base-url",
    /^KIMI_CODE_BASE_URL has the path \/, not \/coding\/v1/,
    /unset it/,
  ],
  [
    "a read-only data folder",
    { deps: { canWrite: () => Promise.resolve(false) } },
    "data-read-only",
    /^~\/\.local\/share\/opencode is read-only/,
    /writable/,
  ],
];

testFindings(ROWS);

Deno.test("a built checkout, a sound tui.json and a whitelist with a model are not problems", async () => {
  const built = { ...BUILT, [`${CLONE}/npm/dist/server.js`]: "" };
  assertEquals(await problems(listing(`${CLONE}/npm`, built)), []);
  const tui = `${HOME}/.config/opencode/tui.json`;
  assertEquals(await problems({ files: { [tui]: "{ /* mine */ }" } }), []);
  assertEquals(await problems(provider({ whitelist: ["kimi-for-coding"] })), []);
  const spec = "opencode-kimi-full@https://ann:SECRET@x.example/opencode-kimi-full-0.1.0.tgz";
  const { findings } = await reported(listing(spec));
  assertEquals(findings.map(({ id }) => id), ["plugin-new"]);
  assert(!JSON.stringify(findings).includes("SECRET"));
  assertEquals(await problems({ deps: { canWrite: () => Promise.resolve(undefined) } }), []);
});

Deno.test("canWrite() does not call a missing folder read-only", async () => {
  const path = await Deno.makeTempDir();
  assertEquals(await canWrite(path), true);
  await Deno.remove(path);
  assertEquals(await canWrite(path), undefined);
});

Deno.test("the report shows the variables in force, and hides a proxy without --full", async () => {
  const variables = {
    KIMI_MODEL_TEMPERATURE: "0.5",
    HTTPS_PROXY: "http://ann:SECRET@proxy.example:8080",
    XDG_CACHE_HOME: `${HOME}/.cache`,
  };
  const masked = await reported({ variables });
  assertEquals(masked.variables, [
    { name: "KIMI_MODEL_TEMPERATURE", value: "0.5" },
    { name: "HTTPS_PROXY", value: "set" },
  ]);
  const text = formatReport(masked, PIPE);
  assertMatch(
    text,
    /\nVariables in force\n {2}- KIMI_MODEL_TEMPERATURE=0\.5\n {2}- HTTPS_PROXY=set\n/,
  );
  const full = JSON.stringify((await reported({ variables }, { full: true })).variables);
  assertStringIncludes(full, "proxy.example:8080");
  assert(!full.includes("SECRET"));
});

Deno.test("doctor lists the differences from the client only with --deviations", async () => {
  await using fake = await startFakeKimi();
  await using home = await healthyHome(fake);
  const run = (...args: readonly string[]) => runDoctor(args, { home, kimi: fake });
  const title = "Intended differences from Kimi's client";
  assert(!(await run()).stdout.includes(title));
  assertStringIncludes((await run("--deviations")).stdout, title);
});

Deno.test("the report shows when the login ends, by the refresh token if it says so", async () => {
  const refresh = token({ exp: NOW / 1000 + 2 * 86_400 });
  const report = await reported({ files: { [AUTH]: auth({ ...ENTRY, refresh }) } });
  assertEquals(report.login.loginExpiresIn, 2 * 86_400);
  assertMatch(formatReport(report, PIPE), /\n {2}login +ends in 2 d; each refresh extends this\n/);
});
