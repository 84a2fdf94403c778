/** Lists everything that doctor could not read because a permission of Deno is missing. */

import { dirname } from "node:path";
import { HOME_FOLDER, type MissingPermission } from "../collect/machine.ts";
import type { Located } from "../collect/path_state.ts";
import type { HostAnswer } from "../online.ts";
import { type DoctorContext, problem } from "./finding.ts";

/** Lists the missing permissions, each once. */
export function missingPermissions(
  { machine, share, deviceFile, online }: DoctorContext,
) {
  const { auth, lock, config, plugins } = machine;
  const missing: MissingPermission[] = [...machine.denied];
  const add = (what: string, flag: string | undefined, isExpected: boolean) => {
    if (flag !== undefined) missing.push({ what, flag, isExpected });
  };
  const flagOf = (at: Located | HostAnswer) => at.state === "denied" ? at.flag : undefined;
  for (const file of [auth, lock, share, deviceFile]) add(file.path, flagOf(file), true);
  for (const file of config.files) {
    add(file.path, flagOf(file), dirname(file.path) === config.folder);
  }
  for (const { spec, denied } of plugins) add(`the package of "${spec}"`, denied, false);
  for (const answer of online === undefined ? [] : [online.oauth, online.api]) {
    add("a host of the service", flagOf(answer), true);
  }
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
