/** Checks opencode's version and its configuration files. */

import { type DoctorContext, fixUnreadable, note, problem } from "./finding.ts";
import { compareVersions } from "./version.ts";

/** The oldest release of opencode that loads the plugin, and the first pre-release that no longer does. */
const SUPPORTED = { from: "1.4.6", below: "2.0.0-0" } as const;

export function* checkVersion({ machine: { opencodeVersion: version } }: DoctorContext) {
  if (version === undefined) {
    const what = "the version of opencode is unknown: it has not run with a plugin yet";
    yield note("opencode-unknown", what, "opencode --version");
  } else if (compareVersions(version, SUPPORTED.from) < 0) {
    const what = `opencode ${version} is older than ${SUPPORTED.from}`;
    yield problem("opencode-version", what, "opencode upgrade");
  } else if (compareVersions(version, SUPPORTED.below) >= 0) {
    const what = `opencode ${version} needs plugins of another format: this one supports only 1.x`;
    yield problem("opencode-version", what, "npm install -g opencode-ai@1");
  }
}

/** Finds configuration files that cannot be read. */
export function* checkConfig({ machine: { config: { files, tui, named } } }: DoctorContext) {
  for (const { name, path, state } of named) {
    const kind = name === "OPENCODE_CONFIG_DIR" ? "folder" : "file";
    if (state !== "missing" && !(kind === "folder" && state === "file")) continue;
    const what = `there is no ${kind} ${path}, which ${name} names: opencode ignores it`;
    yield problem("config-missing", what, `correct ${name}, or unset it`);
  }
  for (const { path, state, config } of tui) {
    if (state !== "file" || config !== undefined) continue;
    const what =
      `${path} is not valid JSON with comments: opencode ignores it, so /kimi-usage is missing`;
    yield problem("tui-corrupt", what, "correct it");
  }
  for (const { path, config, ...file } of files) {
    if (file.state === "folder" || file.state === "unreadable") {
      const why = file.state === "folder" ? "it is a folder" : file.code;
      const what = `${path} cannot be read (${why})`;
      yield problem("config-unreadable", what, fixUnreadable(why, path));
    } else if (file.state === "file" && config === undefined) {
      const what = `${path} is not valid JSON with comments: opencode will not start`;
      yield problem("config-corrupt", what, "correct it: opencode's error names the line");
    }
  }
}
