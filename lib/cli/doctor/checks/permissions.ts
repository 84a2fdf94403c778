/** Lists everything that doctor could not read because a permission of Deno is missing. */

import { dirname } from "node:path";
import { HOME_FOLDER, type MissingPermission } from "../collect/machine.ts";
import type { Located } from "../collect/path_state.ts";
import type { HostAnswer } from "../online.ts";
import { type DoctorContext, problem } from "./finding.ts";

/** Lists what was not looked at, each once; without the home folder, nothing in it. */
export function missingPermissions({ machine, share, deviceFile, online }: DoctorContext) {
  const { auth, lock, config, plugins } = machine;
  const deniedAt = (what: string, at: Located | HostAnswer, isExpected = true) =>
    at.state === "denied" ? [{ what, flag: at.flag, isExpected }] : [];
  const missing: readonly MissingPermission[] = [
    ...machine.denied,
    ...[auth, lock, share, deviceFile].flatMap((file) => deniedAt(file.path, file)),
    ...config.files.flatMap((file) =>
      deniedAt(file.path, file, dirname(file.path) === config.folder)
    ),
    ...plugins.flatMap(({ spec, denied: flag }) =>
      flag === undefined ? [] : [{ what: `the package of "${spec}"`, flag, isExpected: false }]
    ),
    ...(online === undefined ? [] : [online.oauth, online.api])
      .flatMap((answer) => deniedAt("a host of the service", answer)),
  ];
  const home = missing.find(({ what }) => what === HOME_FOLDER);
  const told = missing.filter((one) => one === home || one.flag !== home?.flag);
  return [...new Map(told.map((one) => [`${one.what}\n${one.flag}`, one])).values()];
}

/** Without its own permissions, doctor cannot call a machine healthy. */
export function* checkPermissions(context: DoctorContext) {
  const missing = missingPermissions(context);
  const [first, ...others] = missing;
  if (first === undefined || !missing.some(({ isExpected }) => isExpected)) return;
  const what = others.length === 0
    ? `${first.what} was not looked at: ${first.flag} is missing`
    : `${others.length + 1} things were not looked at: their permissions are missing`;
  yield problem("not-looked-at", what, "run again with the flags that doctor --help lists");
}
