/**
 * What doctor could not look at, since a permission of Deno is missing: told apart from what is not
 * there.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Examination } from "../diagnosis.ts";
import { type Finding, problem } from "./finding.ts";
import type { Online } from "../online.ts";
import type { Sighting } from "../collect/path_state.ts";

/** Something that could not be looked at. */
export interface Unseen {
  /** What. */
  readonly what: string;
  /** The flag that is missing. */
  readonly flag: string;
  /** Whether doctor's own set of flags would have allowed it. */
  readonly isExpected: boolean;
}

/**
 * Lists what could not be looked at.
 *
 * @param examination What follows from what was seen.
 * @param online What the service answered, if it was asked.
 * @returns The list, each thing once.
 */
export function unseenOf(
  { machine }: Examination,
  online: Online | undefined,
): readonly Unseen[] {
  const { auth, deviceId, share, lock, config, plugins, denied } = machine;
  const unseen: Unseen[] = denied.map((one) => ({ ...one, isExpected: true }));
  const add = (what: string, sighting: Sighting, isExpected: boolean) => {
    if (sighting.state === "denied") unseen.push({ what, flag: sighting.flag, isExpected });
  };
  for (const { path, sighting } of [auth, lock, share, deviceId]) add(path, sighting, true);
  for (const { where, sighting } of config.sources) {
    add(where, sighting, dirname(where) === config.folder);
  }
  for (const { spec, denied: flag } of plugins) {
    if (flag !== undefined) {
      unseen.push({ what: `the package of "${spec}"`, flag, isExpected: false });
    }
  }
  for (const answered of online === undefined ? [] : [online.oauth, online.api]) {
    if (answered.state !== "denied") continue;
    unseen.push({ what: "a host of the service", flag: answered.flag, isExpected: true });
  }
  return unseen.filter(({ flag, what }, index) =>
    unseen.findIndex((other) => other.flag === flag && other.what === what) === index
  );
}

/**
 * A report is no clean bill where half of it could not be looked at.
 *
 * @param unseen What could not be looked at.
 * @returns The finding, if there is one.
 */
export function unseenFindings(unseen: readonly Unseen[]): readonly Finding[] {
  const expected = unseen.filter(({ isExpected }) => isExpected);
  if (expected.length === 0) return [];
  const [first] = expected;
  const what = expected.length === 1
    ? `${first?.what} was not looked at: ${first?.flag} is missing`
    : `${expected.length} things were not looked at, since permissions are missing`;
  return problem("not-looked-at", what, "run again with the flags that doctor --help lists");
}
