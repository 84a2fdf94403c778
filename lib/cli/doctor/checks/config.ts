/** Checks opencode's version and its configuration files. */

import { type Check, fixUnreadable, note, problem } from "./finding.ts";
import { compareVersions } from "./version.ts";

/** The oldest release of opencode that loads the plugin, and the first pre-release that no longer does. */
const SUPPORTED = { from: "1.4.6", below: "2.0.0-0" } as const;

const checkVersion: Check = ({ machine: { opencodeVersion: version } }) => {
  if (version === undefined) {
    return note(
      "opencode-unknown",
      "the version of opencode is unknown: it has not run with a plugin yet",
      "opencode --version",
    );
  }
  if (compareVersions(version, SUPPORTED.from) < 0) {
    const what = `opencode ${version} is older than ${SUPPORTED.from}`;
    return problem("opencode-version", what, "opencode upgrade");
  }
  if (compareVersions(version, SUPPORTED.below) < 0) return [];
  const what = `opencode ${version} needs plugins of another format: this one supports only 1.x`;
  return problem("opencode-version", what, "npm install -g opencode-ai@1");
};

const checkFiles: Check = ({ machine: { config: { files } } }) =>
  files.flatMap(({ path, config, ...file }) => {
    if (file.state === "folder" || file.state === "unreadable") {
      const why = file.state === "folder" ? "it is a folder" : file.code;
      return problem(
        "config-unreadable",
        `${path} cannot be read (${why})`,
        fixUnreadable(why, path),
      );
    }
    if (file.state !== "file" || config !== undefined) return [];
    const what = `${path} is not valid JSON with comments: opencode will not start`;
    return problem("config-corrupt", what, "correct it: opencode's error names the line");
  });

export const CONFIG_CHECKS: readonly Check[] = [checkVersion, checkFiles];
