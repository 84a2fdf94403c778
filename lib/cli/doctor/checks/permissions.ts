/** Lists everything that doctor could not read because a permission of Deno is missing. */

import { dirname } from "node:path";
import type { MissingPermission } from "../collect/machine.ts";
import type { Located } from "../collect/path_state.ts";
import { type DoctorContext, type Findings, problem } from "./finding.ts";

interface MaybeMissing {
  readonly what: string;
  /** Undefined if the permission is not missing. */
  readonly flag?: string | undefined;
  readonly isExpected?: boolean;
}

/** Lists the missing permissions, each once. */
export function missingPermissions(
  { machine, online }: DoctorContext,
): readonly MissingPermission[] {
  const { auth, lock, share, deviceId, config, plugins } = machine;
  const isOwn = ({ path }: Located) => dirname(path) === config.folder;
  const answers = online === undefined ? [] : [online.oauth, online.api];
  const all: readonly MaybeMissing[] = [
    ...machine.denied,
    ...[auth, lock, share, deviceId].map((file) => ({
      ...file,
      what: file.path,
      isExpected: true,
    })),
    ...config.files.map((file) => ({ ...file, what: file.path, isExpected: isOwn(file) })),
    ...plugins.map(({ spec, denied: flag }) => ({ what: `the package of "${spec}"`, flag })),
    ...answers.map((answer) => ({ ...answer, what: "a host of the service", isExpected: true })),
  ];
  const missing = all.flatMap(({ what, flag, isExpected = false }) =>
    flag === undefined ? [] : [{ what, flag, isExpected }]
  );
  return [...new Map(missing.map((one) => [`${one.what}\n${one.flag}`, one])).values()];
}

/** Without its own permissions, doctor cannot call a machine healthy. */
export function* checkPermissions(context: DoctorContext): Findings {
  const [first, ...others] = missingPermissions(context).filter(({ isExpected }) => isExpected);
  if (first === undefined) return;
  const what = others.length === 0
    ? `${first.what} was not looked at: ${first.flag} is missing`
    : `${others.length + 1} things were not looked at: their permissions are missing`;
  yield problem("not-looked-at", what, "run again with the flags that doctor --help lists");
}
