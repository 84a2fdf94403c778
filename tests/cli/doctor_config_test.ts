/** Each fault of opencode's configuration, with its cure; and where the configuration is looked for. */

import { assertEquals, assertMatch } from "@std/assert";
import { OTHER_PLUGINS } from "../../lib/cli/plugin_specifier.ts";
import { PROVIDER_IDS } from "../../lib/cli/provider_ids.ts";
import { VERSION } from "../../lib/protocol/clients.ts";
import {
  AUTH,
  auth,
  CONFIG,
  ENTRY,
  folder,
  type Given,
  HOME,
  INSTALLED,
  problems,
  PROJECT,
  reported,
} from "./doctor_fixtures.ts";

const PLUGIN = "opencode-kimi-full";
const PROVIDER = "kimi-for-coding-oauth";

/** A configuration beside the plugin's line. */
function config(more: object): Given {
  return { files: { [CONFIG]: JSON.stringify({ plugin: [PLUGIN], ...more }) } };
}

function provider(entry: object): Given {
  return config({ provider: { [PROVIDER]: entry } });
}

type Row = readonly [name: string, given: Given, id: string, what: RegExp, cure: RegExp];

const BASE_CURE = /^take options\.baseURL out/;

const ROWS: readonly Row[] = [
  [
    "that no configuration lists the plugin",
    { files: { [CONFIG]: "{}" } },
    "plugin-missing",
    /no configuration of opencode lists/,
    /^opencode plugin opencode-kimi-full --global$/,
  ],
  [
    "that there is no configuration",
    { files: { [CONFIG]: undefined } },
    "plugin-missing",
    /lists the plugin opencode-kimi-full$/,
    /^opencode plugin/,
  ],
  [
    "a configuration that is not JSON",
    { files: { [`${PROJECT}/opencode.json`]: '{ "plugin": [ }' } },
    "config-corrupt",
    /^\.\/opencode\.json is no JSON with comments: opencode ends/,
    /repair it/,
  ],
  [
    "a folder in a configuration's place",
    { files: { [`${HOME}/.config/opencode/config.json`]: folder([]) } },
    "config-unreadable",
    /it is a folder/,
    /move it away/,
  ],
  [
    "an installed version that is older",
    { files: { [INSTALLED]: '{"version":"0.0.9"}' } },
    "plugin-old",
    /0\.0\.9 is installed; \d+\.\d+\.\d+ is the newest/,
    /^rm -rf ~\/\.cache\/opencode\/packages\/opencode-kimi-full@\*, and restart opencode$/,
  ],
  [
    "an older version that the configuration asks for",
    {
      files: {
        [CONFIG]: `{"plugin":["${PLUGIN}@0.0.9"]}`,
        [INSTALLED.replace("@latest", "@0.0.9")]: '{"version":"0.0.9"}',
      },
    },
    "plugin-old",
    /0\.0\.9/,
    new RegExp(`^write "${PLUGIN}@${VERSION}" in ~/\\.config/opencode/opencode\\.json`),
  ],
  [
    "the plugin listed twice",
    { files: { [`${PROJECT}/opencode.json`]: `{"plugin":["${PLUGIN}@${VERSION}"]}` } },
    "plugin-twice",
    /"opencode-kimi-full" in ~.* and "opencode-kimi-full@[\d.]+" in \.\/opencode\.json/,
    /keep one/,
  ],
  [
    "a tarball that opencode takes for a module",
    { files: { [CONFIG]: '{"plugin":["/x/opencode-kimi-full/opencode-kimi-full-0.1.0.tgz"]}' } },
    "plugin-tarball",
    /takes the tarball for a module/,
    /opencode-kimi-full@file:/,
  ],
  [
    "a path with no package at it",
    { files: { [CONFIG]: '{"plugin":["./node_modules/opencode-kimi-full"]}' } },
    "plugin-path",
    /no package at "\.\/node_modules/,
    /correct the path/,
  ],
  [
    "an option of the plugin that is unknown",
    { files: { [CONFIG]: `{"plugin":[["${PLUGIN}",{"colour":"red"}]]}` } },
    "plugin-options",
    /"colour" is unknown/,
    /correct it/,
  ],
  [
    "another plugin for the same provider",
    config({ plugin: [PLUGIN, "opencode-kimi-oauth@1.5.1"] }),
    "other-plugin",
    /opencode-kimi-oauth is for the provider kimi-for-coding-oauth too/,
    /^remove "opencode-kimi-oauth@1\.5\.1" from ~\/\.config/,
  ],
  [
    "another plugin for Kimi, with a scope in its name",
    config({ plugin: [PLUGIN, "@openprojectx/opencode-kimi-auth"] }),
    "other-plugin",
    /logs in to Kimi too, for the provider kimi-for-coding/,
    /^remove /,
  ],
  [
    "another plugin for Kimi that lies in a folder of plugins",
    { files: { [`${HOME}/.config/opencode/plugins`]: folder(["kimi-rotator.js", "x.md"]) } },
    "other-plugin",
    /kimi-rotator\.js/,
    /^remove ~\/\.config\/opencode\/plugins\/kimi-rotator\.js$/,
  ],
  [
    "another package of the SDK",
    provider({ npm: "@ai-sdk/anthropic" }),
    "provider-npm",
    /"npm": "@ai-sdk\/anthropic"/,
    /write "npm": "@ai-sdk\/openai-compatible"/,
  ],
  [
    "the base of another service",
    provider({ options: { baseURL: "https://api.moonshot.cn/v1" } }),
    "host-untrusted",
    /api\.moonshot\.cn/,
    /^take options\.baseURL out of opencode\.json/,
  ],
  [
    "a base with the path of another protocol",
    provider({ options: { baseURL: "https://api.kimi.com/coding/" } }),
    "base-url",
    /has the path \/coding, not \/coding\/v1/,
    BASE_CURE,
  ],
  [
    "a base with the whole path of the chat",
    provider({ options: { baseURL: "https://api.kimi.com/coding/v1/chat/completions" } }),
    "base-url",
    /not \/coding\/v1/,
    BASE_CURE,
  ],
  [
    "models that are no object",
    provider({ models: ["k3"] }),
    "provider-models",
    /no object/,
    /take them out/,
  ],
  [
    "that the provider is disabled",
    config({ disabled_providers: [PROVIDER] }),
    "provider-disabled",
    /under "disabled_providers"/,
    /take it out/,
  ],
  [
    "that other providers alone are enabled",
    config({ enabled_providers: ["anthropic"] }),
    "provider-disabled",
    /"enabled_providers" without/,
    /add it/,
  ],
  [
    "an older opencode",
    { files: { [`${HOME}/.config/opencode/package.json`]: version("1.4.5") } },
    "opencode-version",
    /1\.4\.5 is older than 1\.4\.6/,
    /^opencode upgrade$/,
  ],
  [
    "opencode 2",
    { files: { [`${HOME}/.config/opencode/package.json`]: version("2.0.1") } },
    "opencode-version",
    /another shape/,
    /opencode-ai@1$/,
  ],
  [
    "an old id in a model's name",
    config({ model: "kimi-for-coding/kimi-for-coding" }),
    "old-id",
    /"kimi-for-coding" \(models\.dev's older entry.*still in ~\/\.config/,
    /^write "kimi-for-coding-oauth" in its place/,
  ],
  [
    "an old id in an agent's model",
    config({ agent: { build: { model: "kimi-code/k3" } } }),
    "old-id",
    /"kimi-code" \(the provider of opencode-kimi-subscription\)/,
    /^write/,
  ],
  [
    "an old id in auth.json",
    {
      files: {
        [AUTH]: JSON.stringify({
          ...JSON.parse(auth(ENTRY)),
          "kimi-for-coding": { type: "api", key: "SECRET" },
        }),
      },
    },
    "old-id",
    /still in ~\/\.local\/share\/opencode\/auth\.json/,
    /^opencode auth logout kimi-for-coding$/,
  ],
];

function version(number: string): string {
  return JSON.stringify({ dependencies: { "@opencode-ai/plugin": number } });
}

for (const [name, given, id, what, cure] of ROWS) {
  Deno.test(`doctor finds ${name}`, async () => {
    const found = await problems(given);
    const mine = found.filter((finding) => finding.id === id);
    assertEquals(mine.length, 1, JSON.stringify(found, null, 2));
    assertMatch(mine[0]?.what ?? "", what);
    assertMatch(mine[0]?.cure ?? "", cure);
    assertEquals(/SECRET/.test(JSON.stringify(found)), false);
  });
}

Deno.test("Moonshot's pay-as-you-go API is named as what it is", async () => {
  const found = await problems(provider({ options: { baseURL: "https://api.moonshot.ai/v1" } }));
  assertEquals(found.map(({ id }) => id), ["host-untrusted", "base-url"]);
  assertMatch(found[1]?.what ?? "", /pay-as-you-go API/);
});

Deno.test("a right provider entry, with comments and trailing commas, is no problem", async () => {
  const text = `// mine
  {
    "plugin": ["${PLUGIN}",], /* "plugin": [] */
    "provider": { "${PROVIDER}": {
      "name": "Kimi", "npm": "@ai-sdk/openai-compatible",
      "options": { "baseURL": "https://api.kimi.com/coding/v1/", },
      "models": { "kimi-for-coding": { "options": {} } },
    } },
  }`;
  assertEquals(await problems({ files: { [CONFIG]: text } }), []);
});

Deno.test("opencode's own ids for API keys are explained, and may stay", async () => {
  const { findings } = await reported(config({ model: "kimi-code-plan-cn/k3" }));
  assertEquals(findings.map(({ id, severity }) => [id, severity]), [["other-id", "note"]]);
  assertMatch(findings[0]?.what ?? "", /API key of the plan, at api\.kimi\.com/);
});

Deno.test("each id has a meaning, and none is the plugin's own", () => {
  assertEquals(new Set(PROVIDER_IDS.map(({ meaning }) => meaning)).size, PROVIDER_IDS.length);
  assertEquals(PROVIDER_IDS.some(({ id }) => id === PROVIDER), false);
  assertEquals(Object.hasOwn(OTHER_PLUGINS, PLUGIN), false);
});

Deno.test("a plugin that is not installed yet, and one that is newer than doctor, are notes", async () => {
  const fresh = await reported({ files: { [INSTALLED]: undefined } });
  assertEquals(fresh.findings.map(({ id, severity }) => [id, severity]), [["plugin-new", "note"]]);
  const newer = await reported({ files: { [INSTALLED]: '{"version":"99.0.0"}' } });
  assertEquals(newer.findings.map(({ id, cure }) => [id, cure]), [
    ["doctor-old", "npx opencode-kimi-full@99.0.0 doctor"],
  ]);
});

/** The places at which opencode 1.14.34 and 1.18.33 look, the weakest first. */
const PLACES: readonly (readonly [where: string, given: Given])[] = [
  [`${HOME}/.config/opencode/config.json`, {}],
  [CONFIG, {}],
  [`${HOME}/.config/opencode/opencode.jsonc`, {}],
  ["/etc/own.json", { variables: { OPENCODE_CONFIG: "/etc/own.json" } }],
  [`${PROJECT}/opencode.json`, {}],
  [`${PROJECT}/opencode.jsonc`, {}],
  [`${PROJECT}/sub/opencode.json`, { reach: { directory: `${PROJECT}/sub` } }],
  [`${PROJECT}/.opencode/opencode.jsonc`, {}],
  [`${HOME}/.opencode/opencode.json`, {}],
  ["/own/opencode.json", { variables: { OPENCODE_CONFIG_DIR: "/own" } }],
  ["/etc/opencode/opencode.jsonc", {}],
];

for (const [where, given] of PLACES) {
  Deno.test(`doctor reads ${where}, as opencode does`, async () => {
    const files = {
      ...given.files,
      [CONFIG]: undefined,
      [where]: '{"plugin":["opencode-kimi-full"]}',
    };
    assertEquals(await problems({ ...given, files }), []);
  });
}

Deno.test("the stronger place's base URL counts, and OPENCODE_CONFIG_CONTENT before files", async () => {
  const entry = (baseURL: string) =>
    JSON.stringify({ provider: { [PROVIDER]: { options: { baseURL } } } });
  const files = {
    [`${HOME}/.config/opencode/config.json`]: entry("https://a.kimi.com/coding/v1"),
    [`${PROJECT}/opencode.json`]: entry("https://b.kimi.com/coding/v1"),
  };
  const api = async (variables: Given["variables"] = {}) =>
    (await reported({ files, variables })).hosts.find(({ name }) => name === "API base");
  assertEquals((await api())?.value, "https://b.kimi.com/coding/v1");
  assertEquals(await api({ OPENCODE_CONFIG_CONTENT: entry("https://c.kimi.com/coding/v1") }), {
    name: "API base",
    value: "https://c.kimi.com/coding/v1",
    source: "options.baseURL",
  });
});

Deno.test("a project's configuration is left out where opencode is told to, and beyond the work tree", async () => {
  const files = { [`${PROJECT}/opencode.json`]: "{", [`${HOME}/opencode.json`]: "{" };
  const disabled = { files, variables: { OPENCODE_DISABLE_PROJECT_CONFIG: "1" } };
  assertEquals(await problems(disabled), []);
  const inside = await problems({ files: { ...files, [`${PROJECT}/opencode.json`]: undefined } });
  assertEquals(inside, []);
  const noTree = await problems({ files: { ...files, [`${PROJECT}/.git`]: undefined } });
  assertEquals(noTree.map(({ what }) => what.split(" ", 1)[0]), [
    "~/opencode.json",
    "./opencode.json",
  ]);
});

Deno.test("a local checkout is told by its package, and relative paths by the file that lists them", async () => {
  const checkout = `${HOME}/.config/opencode/clone/npm`;
  const manifest = JSON.stringify({ name: PLUGIN, version: VERSION });
  for (const spec of [checkout, `file://${checkout}`, "./clone/npm/dist/server.js"]) {
    const files = {
      [CONFIG]: JSON.stringify({ plugin: [spec] }),
      [`${checkout}/package.json`]: manifest,
    };
    const { opencode, findings } = await reported({ files });
    assertEquals([findings, opencode.plugins[0]?.installed], [[], VERSION], spec);
  }
});

Deno.test("a package that may not be looked at is neither old nor missing", async () => {
  const path = "/src/opencode-kimi-full";
  const denied = { state: "denied", flag: `--allow-read="${path}/package.json"` } as const;
  const { findings, notLookedAt } = await reported({
    files: { [CONFIG]: `{"plugin":["${path}"]}`, [`${path}/package.json`]: denied },
  });
  assertEquals(findings, []);
  assertEquals(notLookedAt, [{ what: `the package of "${path}"`, flag: denied.flag }]);
});

Deno.test("a plugin whose name merely has Kimi in it is left alone, and others are only counted", async () => {
  const plugin = [PLUGIN, "opencode-kimi-search", "secret-plugin"];
  const { findings, opencode } = await reported(config({ plugin }));
  assertEquals([findings, opencode.otherPlugins], [[], 2]);
  const full = await reported(config({ plugin }), { full: true });
  assertEquals(full.opencode.otherPlugins, ["opencode-kimi-search", "secret-plugin"]);
});
