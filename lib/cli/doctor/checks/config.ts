/**
 * What may be wrong with opencode's configuration: the plugin, and the provider's entry.
 *
 * @module
 */

import {
  DEFAULT_API_BASE,
  GLOBAL_API_BASE,
  PROVIDER_ID,
  VERSION,
} from "../../../kimi/identity/constants.ts";
import { isObject, printable, text } from "../../../kimi/util/json.ts";
import { child, isFilledIn, settingsOf } from "../collect/config_values.ts";
import type { Examination } from "../diagnosis.ts";
import { type Finding, note, problem, unreadableCure } from "./finding.ts";
import type { OpencodeConfig } from "../collect/opencode_config.ts";
import {
  compareVersions,
  isOtherKimiPlugin,
  OTHER_PLUGINS,
  PACKAGE,
  type Plugin,
} from "../collect/plugins.ts";

/** The package that opencode loads for the provider. */
const SDK = "@ai-sdk/openai-compatible";

/** Oldest release of opencode that loads the plugin, and the first that does not any more. */
const OPENCODE = { first: "1.4.6", beyond: "2.0.0" } as const;

/**
 * Looks for what is wrong with the configuration.
 *
 * @param examination What follows from what was seen.
 * @returns The findings.
 */
export function configFindings(examination: Examination): readonly Finding[] {
  const { machine: { config, plugins, opencodeVersion }, optionProblems } = examination;
  return [
    ...versionFindings(opencodeVersion),
    ...config.sources.flatMap(({ where, sighting, config }) => {
      if (sighting.state === "folder" || sighting.state === "unreadable") {
        const why = sighting.state === "folder" ? "it is a folder" : sighting.code;
        const what = `${where} cannot be read (${why})`;
        return problem("config-unreadable", what, unreadableCure(why, where));
      }
      if (sighting.state !== "file" || config !== undefined) return [];
      const what = `${where} is no JSON with comments: opencode ends with an error`;
      return problem("config-corrupt", what, "repair it: opencode names the line");
    }),
    ...pluginFindings(examination),
    ...optionProblems.map((what) => problem("plugin-options", what, "correct it in opencode.json"))
      .flat(),
    ...plugins.filter(isOtherKimiPlugin).flatMap(otherFindings),
    ...providerFindings(examination),
    ...disabledFindings(config),
  ];
}

function versionFindings(version: string | undefined): readonly Finding[] {
  if (version === undefined) {
    return note(
      "opencode-unknown",
      "opencode's version is not known: it has not run with a plugin yet",
      "opencode --version",
    );
  }
  if (compareVersions(version, OPENCODE.first) < 0) {
    const what = `opencode ${version} is older than ${OPENCODE.first}`;
    return problem("opencode-version", what, "opencode upgrade");
  }
  if (compareVersions(version, OPENCODE.beyond) < 0) return [];
  const what = `opencode ${version} loads plugins of another shape: only 1.x is supported yet`;
  return problem("opencode-version", what, "npm install -g opencode-ai@1");
}

function pluginFindings({ machine: { config }, own }: Examination): readonly Finding[] {
  if (own.length === 0) {
    // What may not be read may list it.
    if (config.sources.some(({ sighting }) => sighting.state !== "file")) return [];
    const what = `no configuration of opencode lists the plugin ${PACKAGE}`;
    return problem("plugin-missing", what, `opencode plugin ${PACKAGE} --global`);
  }
  const specs = new Map(own.map((plugin) => [plugin.spec, plugin]));
  const twice = specs.size === 1 ? [] : problem(
    "plugin-twice",
    `the plugin is listed as ${
      own.map(({ spec, where }) => `"${spec}" in ${where}`).join(" and ")
    }`,
    "keep one of them",
  );
  return [...twice, ...[...specs.values()].flatMap(installedFindings)];
}

function installedFindings({ spec, asked, installed, denied, where }: Plugin): readonly Finding[] {
  if (denied !== undefined) return [];
  if (asked === undefined && /\.tgz$/.test(spec)) {
    const what = `opencode cannot load "${spec}" of ${where}: it takes the tarball for a module`;
    return problem("plugin-tarball", what, `write "${PACKAGE}@file:/path/to.tgz" in its place`);
  }
  if (installed === undefined) {
    if (asked !== undefined) {
      return note("plugin-new", "opencode installs the plugin at its next start");
    }
    const what = `there is no package at "${spec}", which ${where} lists`;
    return problem("plugin-path", what, "correct the path, or build the package: deno task build");
  }
  const order = compareVersions(installed, VERSION);
  if (order > 0) {
    const what = `${PACKAGE} ${installed} is installed; this doctor knows ${VERSION}`;
    return note("doctor-old", what, `npx ${PACKAGE}@${installed} doctor`);
  }
  if (order === 0) return [];
  const what =
    `${PACKAGE} ${installed} is installed; ${VERSION} is the newest that this doctor knows`;
  return problem("plugin-old", what, upgrade(asked, where));
}

/** opencode never looks for a newer version of what it has. */
function upgrade(asked: string | undefined, where: string): string {
  if (asked === undefined) return "bring the folder that the path names up to date, and build it";
  if (asked !== "latest") return `write "${PACKAGE}@${VERSION}" in ${where}, and restart opencode`;
  return `rm -rf ~/.cache/opencode/packages/${PACKAGE}@*, and restart opencode`;
}

function otherFindings({ name, spec, where }: Plugin): readonly Finding[] {
  const provider = Object.hasOwn(OTHER_PLUGINS, name) ? OTHER_PLUGINS[name] : undefined;
  const what = provider === PROVIDER_ID
    ? `the plugin ${name} is for the provider ${PROVIDER_ID} too: the two are in each other's way`
    : `the plugin ${name} logs in to Kimi too${provider ? `, for the provider ${provider}` : ""}`;
  const cure = spec === where ? `remove ${where}` : `remove "${spec}" from ${where}`;
  return problem("other-plugin", what, cure);
}

function providerFindings({ provider, machine: { config } }: Examination): readonly Finding[] {
  if (provider === undefined) return [];
  const where = settingsOf(config, (source) => {
    return child(source, "provider")[PROVIDER_ID] === undefined ? [] : [true];
  }).at(-1)?.where ?? "opencode.json";
  const entry = `the entry "${PROVIDER_ID}" in ${where}`;
  const npm = text(provider.npm) ?? SDK;
  const options = child(provider, "options");
  return [
    ...(npm === SDK ? [] : problem(
      "provider-npm",
      `${entry} has "npm": "${printable(npm)}": the plugin's requests need ${SDK}`,
      `write "npm": "${SDK}", or take the line out`,
    )),
    ...(options.apiKey === undefined ? [] : note(
      "provider-key",
      `${entry} has an "apiKey", which is not sent`,
      "take it out",
    )),
    ...baseFindings(entry, text(options.baseURL)),
    ...(provider.models === undefined || isObject(provider.models) ? [] : problem(
      "provider-models",
      `${entry} has "models" that are no object`,
      "take them out",
    )),
  ];
}

/** Where Kimi's coding API lies on its hosts. */
const API_PATH = new URL(DEFAULT_API_BASE).pathname;

function baseFindings(entry: string, given: string | undefined): readonly Finding[] {
  const base = given?.trim().replace(/\/+$/, "");
  if (base === undefined || base === "" || base === DEFAULT_API_BASE || base === GLOBAL_API_BASE) {
    return [];
  }
  if (isFilledIn(base)) {
    return note(
      "base-url",
      `options.baseURL of ${entry} comes from elsewhere: it was not looked at`,
    );
  }
  const cure = "take options.baseURL out: the default is right";
  if (!URL.canParse(base)) {
    return problem("base-url", `options.baseURL of ${entry} is no URL`, cure);
  }
  const { hostname, pathname } = new URL(base);
  if (/(?:^|\.)moonshot\.(?:cn|ai)$/.test(hostname)) {
    const what =
      `options.baseURL of ${entry} is Moonshot's pay-as-you-go API, which takes no login`;
    return problem("base-url", what, cure);
  }
  if (!/(?:^|\.)kimi\.(?:com|ai)$/.test(hostname) || pathname === API_PATH) return [];
  const what = `options.baseURL of ${entry} has the path ${printable(pathname)}, not ${API_PATH}`;
  return problem("base-url", what, cure);
}

function disabledFindings(config: OpencodeConfig): readonly Finding[] {
  const lists = (name: string) =>
    settingsOf(config, (source) => Array.isArray(source[name]) ? [source[name]] : []);
  const disabled = lists("disabled_providers").find(({ value }) => value.includes(PROVIDER_ID));
  const enabled = lists("enabled_providers").at(-1);
  return [
    ...(disabled === undefined ? [] : problem(
      "provider-disabled",
      `${disabled.where} has ${PROVIDER_ID} under "disabled_providers"`,
      "take it out",
    )),
    ...(enabled === undefined || enabled.value.includes(PROVIDER_ID) ? [] : problem(
      "provider-disabled",
      `${enabled.where} has "enabled_providers" without ${PROVIDER_ID}`,
      "add it",
    )),
  ];
}
