/** Lists everything that doctor could not read because a permission of Deno is missing. */

import { dirname } from "node:path";
import type { MissingPermission } from "../collect/machine.ts";
import type { PathState } from "../collect/path_state.ts";
import { type Check, type DoctorContext, problem } from "./finding.ts";

/** Lists the missing permissions, each once. */
export function missingPermissions(
  { machine, online }: DoctorContext,
): readonly MissingPermission[] {
  const { auth, lock, share, deviceId, config, plugins } = machine;
  const denied = (what: string, place: PathState, isExpected: boolean) =>
    place.state === "denied" ? [{ what, flag: place.flag, isExpected }] : [];
  const missing = [
    ...machine.denied,
    ...[auth, lock, share, deviceId].flatMap((file) => denied(file.path, file, true)),
    ...config.files.flatMap((file) =>
      denied(file.path, file, dirname(file.path) === config.folder)
    ),
    ...plugins.flatMap(({ spec, denied: flag }) =>
      flag === undefined ? [] : [{ what: `the package of "${spec}"`, flag, isExpected: false }]
    ),
    ...(online === undefined ? [] : [online.oauth, online.api]).flatMap((answer) =>
      answer.state !== "denied"
        ? []
        : [{ what: "a host of the service", flag: answer.flag, isExpected: true }]
    ),
  ];
  return [...new Map(missing.map((one) => [`${one.what}\n${one.flag}`, one])).values()];
}

/** Without its own permissions, doctor cannot call a machine healthy. */
export const checkPermissions: Check = (context) => {
  const [first, ...others] = missingPermissions(context).filter(({ isExpected }) => isExpected);
  if (first === undefined) return [];
  const what = others.length === 0
    ? `${first.what} was not looked at: ${first.flag} is missing`
    : `${others.length + 1} things were not looked at: their permissions are missing`;
  return problem("not-looked-at", what, "run again with the flags that doctor --help lists");
};
