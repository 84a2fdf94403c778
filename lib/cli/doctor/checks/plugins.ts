/** Checks this plugin, its options, and other plugins for Kimi. */

import { PACKAGE_NAME, PROVIDER_ID, VERSION } from "../../../kimi/identity/constants.ts";
import { isOtherKimiPlugin, type Plugin, providerOf } from "../collect/plugins.ts";
import { type DoctorContext, type Finding, note, problem } from "./finding.ts";
import { compareVersions } from "../collect/version.ts";

export function* checkPlugin(context: DoctorContext) {
  const { machine: { config }, own, optionProblems, hasV1 } = context;
  // A file that cannot be read may list the plugin.
  if (own.length === 0 && config.files.every(({ state }) => state === "file")) {
    const what = `opencode's configuration does not list the plugin ${PACKAGE_NAME}`;
    const command = hasV1 ? `${PACKAGE_NAME} --global` : `add ${PACKAGE_NAME}`;
    yield problem("plugin-missing", what, `opencode plugin ${command}`);
  }
  // opencode 2.x, which reads both lists, may need another path than 1.x.
  const listed = own.filter(({ isForV2 }) => isForV2 !== true);
  const bySpec = new Map(listed.map((plugin) => [plugin.spec, plugin]));
  if (bySpec.size > 1) {
    const entries = listed.map(({ spec, where }) => `"${spec}" in ${where}`).join(" and ");
    yield problem("plugin-twice", `the plugin is listed as ${entries}`, "keep one of them");
  }
  if (hasV1) yield* [...bySpec.values()].flatMap((plugin) => faultOf(plugin) ?? []);
  for (const what of optionProblems) {
    yield problem("plugin-options", what, "correct it in opencode.json");
  }
}

/** What keeps opencode from loading an entry, or makes it load another release. */
function faultOf(plugin: Plugin): Finding | undefined {
  const { spec, where, asked, installed, better, missing, isTried, denied } = plugin;
  const at = `"${spec}" of ${where}`;
  if (denied !== undefined) return undefined;
  if (asked === undefined && /\.tgz$/.test(spec)) {
    const what = `opencode cannot load ${at}: it takes the tarball for a module`;
    return problem("plugin-tarball", what, `write "${PACKAGE_NAME}@file:/path/to.tgz" instead`);
  }
  if (better !== undefined) {
    const what = `opencode finds no package at ${at}: it is in ${better}`;
    return problem("plugin-folder", what, `write "${better}" instead`);
  }
  if (missing !== undefined) {
    const what = `opencode cannot load ${at}: ${missing} does not exist`;
    return problem("plugin-unbuilt", what, "build the package: deno task build");
  }
  if (installed !== undefined) return releaseFault(plugin, installed);
  if (isTried === true) {
    const fix = `npm view ${spec} version: if npm does not know it, list a built clone instead`;
    return problem("plugin-not-installed", `opencode could not install ${at}`, fix);
  }
  if (asked !== undefined) {
    const what = "the plugin is not installed: opencode installs it at its next start";
    return note("plugin-new", what);
  }
  const what = `there is no package at "${spec}", which ${where} lists`;
  return problem("plugin-path", what, "correct the path, or build the package: deno task build");
}

function releaseFault({ asked, where }: Plugin, installed: string): Finding | undefined {
  const order = compareVersions(installed, VERSION);
  if (order === 0) return undefined;
  if (order > 0) {
    const what = `${PACKAGE_NAME} ${installed} is installed; this doctor is older (${VERSION})`;
    return note("doctor-old", what, `npx ${PACKAGE_NAME}@${installed} doctor`);
  }
  // opencode never looks for a newer version of an installed package.
  const fix = asked === undefined
    ? "update the folder that the path names, and build it"
    : asked === "latest"
    ? `rm -rf ~/.cache/opencode/packages/${PACKAGE_NAME}@*, and restart opencode`
    : `write "${PACKAGE_NAME}@${VERSION}" in ${where}, and restart opencode`;
  const what = `${PACKAGE_NAME} ${installed} is installed; ${VERSION} is newer`;
  return problem("plugin-old", what, fix);
}

/** Finds other plugins for Kimi; one for the same provider and behind ours takes its logins away. */
export function* checkOtherPlugins({ machine: { plugins, tuiPlugins }, own }: DoctorContext) {
  const ours = plugins.findLastIndex((plugin) => own.includes(plugin));
  for (const plugin of [...plugins, ...tuiPlugins].filter(isOtherKimiPlugin)) {
    const { name, spec, where } = plugin;
    const provider = providerOf(plugin);
    const isBehind = ours >= 0 && plugins.indexOf(plugin) > ours;
    const effect = isBehind
      ? "it is listed later, so opencode offers its login methods in place of this plugin's, and may " +
        "lose the effort that you choose"
      : "the two plugins conflict";
    const what = provider === PROVIDER_ID
      ? `the plugin ${name} uses the provider ${PROVIDER_ID} too: ${effect}`
      : `the plugin ${name} logs in to Kimi too${provider ? `, for the provider ${provider}` : ""}`;
    const fix = spec === where ? `remove ${where}` : `remove "${spec}" from ${where}`;
    yield problem("other-plugin", what, fix);
  }
}
