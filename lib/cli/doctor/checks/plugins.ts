/** Checks this plugin, its options, and other plugins for Kimi. */

import { PROVIDER_ID, VERSION } from "../../../kimi/identity/constants.ts";
import { isOtherKimiPlugin, OTHER_PLUGINS, PACKAGE, type Plugin } from "../collect/plugins.ts";
import { type Check, type Finding, note, problem } from "./finding.ts";
import { compareVersions } from "./version.ts";

const checkListed: Check = ({ machine: { config }, own }) => {
  // A file that cannot be read may list the plugin.
  if (own.length > 0 || config.files.some(({ state }) => state !== "file")) return [];
  const what = `opencode's configuration does not list the plugin ${PACKAGE}`;
  return problem("plugin-missing", what, `opencode plugin ${PACKAGE} --global`);
};

const checkListedOnce: Check = ({ own }) => {
  if (new Set(own.map(({ spec }) => spec)).size < 2) return [];
  const entries = own.map(({ spec, where }) => `"${spec}" in ${where}`).join(" and ");
  return problem("plugin-twice", `the plugin is listed as ${entries}`, "keep one of them");
};

const checkInstalled: Check = ({ own }) => {
  const bySpec = new Map(own.map((plugin) => [plugin.spec, plugin]));
  return [...bySpec.values()].flatMap((plugin) => {
    const { spec, asked, installed, denied, where } = plugin;
    if (denied !== undefined) return [];
    if (asked === undefined && /\.tgz$/.test(spec)) {
      const what = `opencode cannot load "${spec}" of ${where}: it takes the tarball for a module`;
      return problem("plugin-tarball", what, `write "${PACKAGE}@file:/path/to.tgz" instead`);
    }
    if (installed !== undefined) return compareInstalled(plugin, installed);
    if (asked !== undefined) {
      return note("plugin-new", "opencode will install the plugin at its next start");
    }
    const what = `there is no package at "${spec}", which ${where} lists`;
    return problem("plugin-path", what, "correct the path, or build the package: deno task build");
  });
};

function compareInstalled({ asked, where }: Plugin, installed: string): readonly Finding[] {
  const order = compareVersions(installed, VERSION);
  if (order === 0) return [];
  if (order > 0) {
    const what = `${PACKAGE} ${installed} is installed; this doctor is older (${VERSION})`;
    return note("doctor-old", what, `npx ${PACKAGE}@${installed} doctor`);
  }
  // opencode never looks for a newer version of an installed package.
  const fix = asked === undefined
    ? "update the folder that the path names, and build it"
    : asked === "latest"
    ? `rm -rf ~/.cache/opencode/packages/${PACKAGE}@*, and restart opencode`
    : `write "${PACKAGE}@${VERSION}" in ${where}, and restart opencode`;
  const what = `${PACKAGE} ${installed} is installed; ${VERSION} is newer`;
  return problem("plugin-old", what, fix);
}

const checkOptions: Check = ({ optionProblems }) =>
  optionProblems.flatMap((what) => problem("plugin-options", what, "correct it in opencode.json"));

const checkOthers: Check = ({ machine: { plugins } }) =>
  plugins.filter(isOtherKimiPlugin).flatMap(({ name, spec, where }) => {
    const provider = Object.hasOwn(OTHER_PLUGINS, name) ? OTHER_PLUGINS[name] : undefined;
    const what = provider === PROVIDER_ID
      ? `the plugin ${name} uses the provider ${PROVIDER_ID} too: the two plugins conflict`
      : `the plugin ${name} logs in to Kimi too${provider ? `, for the provider ${provider}` : ""}`;
    const fix = spec === where ? `remove ${where}` : `remove "${spec}" from ${where}`;
    return problem("other-plugin", what, fix);
  });

export const PLUGIN_CHECKS: readonly Check[] = [
  checkListed,
  checkListedOnce,
  checkInstalled,
  checkOptions,
  checkOthers,
];
