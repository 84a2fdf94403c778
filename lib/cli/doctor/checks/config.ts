/** Checks opencode's version and its configuration files. */

import { checkReadable, type DoctorContext, problem } from "./finding.ts";
import { compareVersions } from "../collect/version.ts";

/** The releases of opencode that load the plugin: from the first, and below the second. */
const SUPPORTED = [["1.4.6", "2.0.0-0"], ["2.0.4", "3.0.0-0"]] as const;

export function* checkVersion({ releases }: DoctorContext) {
  for (const version of new Set(releases)) {
    const [from] = SUPPORTED.find(([, below]) => compareVersions(version, below) < 0) ?? [];
    if (from === undefined) {
      const what = `opencode ${version} is newer than this plugin, which supports 1.x and 2.x`;
      yield problem("opencode-version", what, "look for a newer release of opencode-kimi-full");
    } else if (compareVersions(version, from) < 0) {
      const what = `opencode ${version} is older than ${from}`;
      yield problem("opencode-version", what, "opencode upgrade");
    }
  }
}

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
  for (const file of files) {
    yield* checkReadable("config-unreadable", file, "");
    if (file.state !== "file" || file.config !== undefined) continue;
    const what = `${file.path} is not valid JSON with comments: opencode will not start`;
    yield problem("config-corrupt", what, "correct it: opencode's error names the line");
  }
}
