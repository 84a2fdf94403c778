/** Where doctor looks for opencode's configuration, and what it accepts. */

import { assertEquals, assertMatch } from "@std/assert";
import { formatReport } from "../../../lib/cli/doctor/report/text.ts";
import { OTHER_PLUGINS } from "../../../lib/cli/doctor/collect/plugins.ts";
import { PROVIDER_IDS } from "../../../lib/cli/doctor/checks/provider.ts";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import {
  CONFIG,
  config,
  folder,
  type Given,
  HOME,
  INSTALLED,
  PIPE,
  PLUGIN,
  problems,
  PROJECT,
  PROVIDER,
  provider,
  reported,
} from "./fixtures.ts";
import { asked, fine } from "./online_fixtures.ts";

Deno.test("doctor recognizes Moonshot's pay-as-you-go API", async () => {
  for (const host of ["api.moonshot.ai", "api.moonshot.cn"]) {
    const found = await problems(provider({ options: { baseURL: `https://${host}/v1` } }));
    assertEquals(found.map(({ id }) => id), ["host-untrusted", "base-url"]);
    assertMatch(found[1]?.what ?? "", /pay-as-you-go API/);
  }
});

Deno.test("a base URL with a placeholder is a note, and its host gets no request", async () => {
  for (const baseURL of ["{env:KIMI_BASE}", "https://{file:~/.kimi-host}/coding/v1"]) {
    const given = provider({ options: { baseURL } });
    const online = await asked(fine, given);
    const { findings } = await reported(given, { online });
    assertEquals(findings.map(({ id, severity }) => [id, severity]), [["base-url", "note"]]);
    assertMatch(
      formatReport(await reported(given, { online }), PIPE),
      /API +not asked: ".+" is not a URL\n/,
    );
  }
});

Deno.test("a correct provider entry with comments and trailing commas is not a problem", async () => {
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

Deno.test("opencode's own ids for API keys are a note with their meaning", async () => {
  const { findings } = await reported(config({ model: "kimi-code-plan-cn/k3" }));
  assertEquals(findings.map(({ id, severity }) => [id, severity]), [["other-id", "note"]]);
  assertMatch(findings[0]?.what ?? "", /API key of the plan, at api\.kimi\.com/);
});

Deno.test("each provider id has a meaning, and is not the plugin's own", () => {
  assertEquals(new Set(PROVIDER_IDS.map(({ meaning }) => meaning)).size, PROVIDER_IDS.length);
  assertEquals(PROVIDER_IDS.some(({ id }) => id === PROVIDER), false);
  assertEquals(Object.hasOwn(OTHER_PLUGINS, PLUGIN), false);
});

Deno.test("a plugin that is not installed yet or is newer than doctor is a note", async () => {
  const fresh = await reported({ files: { [INSTALLED]: undefined } });
  assertEquals(fresh.findings.map(({ id, severity }) => [id, severity]), [["plugin-new", "note"]]);
  const newer = await reported({ files: { [INSTALLED]: '{"version":"99.0.0"}' } });
  assertEquals(newer.findings.map(({ id, fix }) => [id, fix]), [
    ["doctor-old", "npx opencode-kimi-full@99.0.0 doctor"],
  ]);
});

/** The places that opencode 1.14.34 and 1.18.33 read, in ascending precedence. */
const PLACES: readonly (readonly [where: string, given: Given])[] = [
  [`${HOME}/.config/opencode/config.json`, {}],
  [CONFIG, {}],
  [`${HOME}/.config/opencode/opencode.jsonc`, {}],
  ["/etc/own.json", { variables: { OPENCODE_CONFIG: "/etc/own.json" } }],
  [`${PROJECT}/opencode.json`, {}],
  [`${PROJECT}/opencode.jsonc`, {}],
  [`${PROJECT}/sub/opencode.json`, { deps: { directory: `${PROJECT}/sub` } }],
  [`${PROJECT}/.opencode/opencode.jsonc`, {}],
  [`${HOME}/.opencode/opencode.json`, {}],
  [
    "/own/opencode.json",
    { variables: { OPENCODE_CONFIG_DIR: "/own" }, files: { "/own": folder([]) } },
  ],
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

Deno.test("the base URL of the file with the higher precedence applies, and OPENCODE_CONFIG_CONTENT before both", async () => {
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

Deno.test("doctor ignores a project's configuration if opencode does: by variable, and above the work tree", async () => {
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

Deno.test("doctor finds the package of a path, which may be relative to the file that lists it", async () => {
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

Deno.test("a package that Deno does not allow to read is neither old nor missing", async () => {
  const path = "/src/opencode-kimi-full";
  const denied = { state: "denied", flag: `--allow-read="${path}/package.json"` } as const;
  const { findings, notLookedAt } = await reported({
    files: { [CONFIG]: `{"plugin":["${path}"]}`, [`${path}/package.json`]: denied },
  });
  assertEquals(findings, []);
  assertEquals(notLookedAt, [{ what: `the package of "${path}"`, flag: denied.flag }]);
});

Deno.test("other plugins are only counted, even one with Kimi in its name", async () => {
  const plugin = [PLUGIN, "opencode-kimi-search", "secret-plugin"];
  const { findings, opencode } = await reported(config({ plugin }));
  assertEquals([findings, opencode.otherPlugins], [[], 2]);
  const full = await reported(config({ plugin }), { full: true });
  assertEquals(full.opencode.otherPlugins, ["opencode-kimi-search", "secret-plugin"]);
});
