/** Each fault of opencode's configuration, with its cure. */

import { assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import {
  AUTH,
  auth,
  CONFIG,
  config,
  ENTRY,
  folder,
  type Given,
  HOME,
  INSTALLED,
  PLUGIN,
  problems,
  PROJECT,
  PROVIDER,
  provider,
} from "./fixtures.ts";

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
    /^move it away$/,
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
