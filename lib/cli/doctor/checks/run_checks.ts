/** The checks of doctor, in the order of the report. */

import { CONFIG_CHECKS } from "./config.ts";
import { DEVICE_CHECKS } from "./device.ts";
import type { Check, DoctorContext, Finding } from "./finding.ts";
import { checkLock } from "./lock.ts";
import { LOGIN_CHECKS } from "./login.ts";
import { ONLINE_CHECKS } from "./online.ts";
import { checkPermissions } from "./permissions.ts";
import { PLUGIN_CHECKS } from "./plugins.ts";
import { PROVIDER_CHECKS } from "./provider.ts";
import { checkProviderIds } from "./provider_ids.ts";

const CHECKS: readonly Check[] = [
  checkPermissions,
  ...LOGIN_CHECKS,
  checkLock,
  ...DEVICE_CHECKS,
  ...CONFIG_CHECKS,
  ...PLUGIN_CHECKS,
  ...PROVIDER_CHECKS,
  checkProviderIds,
  ...ONLINE_CHECKS,
];

/** Runs all checks; problems come before notes. */
export function runChecks(context: DoctorContext): readonly Finding[] {
  const findings = CHECKS.flatMap((check) => check(context));
  const isProblem = ({ severity }: Finding) => severity === "problem";
  return [
    ...findings.filter(isProblem),
    ...findings.filter((finding) => !isProblem(finding)),
  ];
}
