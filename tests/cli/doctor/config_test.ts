/** Each problem of opencode's configuration, with its fix. */

import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import {
  AUTH,
  auth,
  CONFIG,
  config,
  ENTRY,
  folder,
  HOME,
  INSTALLED,
  PLUGIN,
  PROJECT,
  PROVIDER,
  provider,
  type Row,
  testFindings,
} from "./fixtures.ts";

const BASE_FIX = /^remove options\.baseURL: /;

const ROWS: readonly Row[] = [
  [
    "a configuration that does not list the plugin",
    { files: { [CONFIG]: "{}" } },
    "plugin-missing",
    /^opencode's configuration does not list/,
    /^opencode plugin opencode-kimi-full --global$/,
  ],
  [
    "a missing configuration",
    { files: { [CONFIG]: undefined } },
    "plugin-missing",
    /does not list the plugin opencode-kimi-full$/,
    /^opencode plugin/,
  ],
  [
    "a configuration that is not valid JSON",
    { files: { [`${PROJECT}/opencode.json`]: '{ "plugin": [ }' } },
    "config-corrupt",
    /^\.\/opencode\.json is not valid JSON with comments: opencode will not start/,
    /correct it/,
  ],
  [
    "a folder with the name of a configuration file",
    { files: { [`${HOME}/.config/opencode/config.json`]: folder([]) } },
    "config-unreadable",
    /it is a folder/,
    /^move it away$/,
  ],
  [
    "an older installed version",
    { files: { [INSTALLED]: '{"version":"0.0.9"}' } },
    "plugin-old",
    /0\.0\.9 is installed; \d+\.\d+\.\d+ is newer/,
    /^rm -rf ~\/\.cache\/opencode\/packages\/opencode-kimi-full@\*, and restart opencode$/,
  ],
  [
    "an older version that the configuration pins",
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
    {
      files: {
        [`${PROJECT}/opencode.json`]: `{"plugin":["${PLUGIN}@${VERSION}"]}`,
        [INSTALLED.replace("@latest", `@${VERSION}`)]: `{"version":"${VERSION}"}`,
      },
    },
    "plugin-twice",
    /"opencode-kimi-full" in ~.* and "opencode-kimi-full@[\d.]+" in \.\/opencode\.json/,
    /keep one/,
  ],
  [
    "a tarball that opencode would import as a module",
    { files: { [CONFIG]: '{"plugin":["/x/opencode-kimi-full/opencode-kimi-full-0.1.0.tgz"]}' } },
    "plugin-tarball",
    /takes the tarball for a module/,
    /opencode-kimi-full@file:/,
  ],
  [
    "a path without a package",
    { files: { [CONFIG]: '{"plugin":["./node_modules/opencode-kimi-full"]}' } },
    "plugin-path",
    /no package at "\.\/node_modules/,
    /correct the path/,
  ],
  [
    "an unknown option of the plugin",
    { files: { [CONFIG]: `{"plugin":[["${PLUGIN}",{"colour":"red"}]]}` } },
    "plugin-options",
    /"colour" is unknown/,
    /correct it/,
  ],
  [
    "another plugin for the same provider",
    config({ plugin: [PLUGIN, "opencode-kimi-oauth@1.5.1"] }),
    "other-plugin",
    /opencode-kimi-oauth uses the provider kimi-for-coding-oauth too/,
    /^remove "opencode-kimi-oauth@1\.5\.1" from ~\/\.config/,
  ],
  [
    "another plugin for Kimi whose name has a scope",
    config({ plugin: [PLUGIN, "@openprojectx/opencode-kimi-auth"] }),
    "other-plugin",
    /logs in to Kimi too, for the provider kimi-for-coding/,
    /^remove /,
  ],
  [
    "another plugin for Kimi in a folder of plugins",
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
    "a base URL of another service",
    provider({ options: { baseURL: "https://proxy.example/v1" } }),
    "host-untrusted",
    /proxy\.example/,
    /^remove options\.baseURL from opencode\.json/,
  ],
  [
    "a base URL with the path of another protocol",
    provider({ options: { baseURL: "https://api.kimi.com/coding/" } }),
    "base-url",
    /has the path \/coding, not \/coding\/v1/,
    BASE_FIX,
  ],
  [
    "a base URL with the path of a chat request",
    provider({ options: { baseURL: "https://api.kimi.com/coding/v1/chat/completions" } }),
    "base-url",
    /not \/coding\/v1/,
    BASE_FIX,
  ],
  [
    "a disabled provider",
    config({ disabled_providers: [PROVIDER] }),
    "provider-disabled",
    /lists kimi-for-coding-oauth in "disabled_providers"/,
    /^remove it$/,
  ],
  [
    "a provider that is not enabled",
    config({ enabled_providers: ["anthropic"] }),
    "provider-disabled",
    /does not list kimi-for-coding-oauth in "enabled_providers"/,
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
    "an installed pre-release of this version",
    { files: { [INSTALLED]: `{"version":"${VERSION}-rc.1"}` } },
    "plugin-old",
    /-rc\.1 is installed/,
    /^rm -rf /,
  ],
  [
    "an old id in a model's name",
    config({ model: "kimi-for-coding/kimi-for-coding" }),
    "old-id",
    /"kimi-for-coding" \(models\.dev's older entry.*still in ~\/\.config/,
    /^write "kimi-for-coding-oauth" instead/,
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

testFindings(ROWS);
