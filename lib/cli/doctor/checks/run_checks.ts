/** The checks of doctor, in the order of the report. */

import { checkConfig, checkVersion } from "./config.ts";
import { checkDeviceId, checkHosts, checkShare, checkVariables } from "./device.ts";
import type { Check, DoctorContext, Finding } from "./finding.ts";
import { checkLock } from "./lock.ts";
import { checkLogin, checkLoginSource } from "./login.ts";
import { checkOnline } from "./online.ts";
import { checkPermissions } from "./permissions.ts";
import { checkOtherPlugins, checkPlugin } from "./plugins.ts";
import { checkEnabled, checkProvider } from "./provider.ts";
import { checkProviderIds } from "./provider_ids.ts";

const CHECKS: readonly Check[] = [
  ...[checkPermissions, checkLoginSource, checkLogin, checkLock],
  ...[checkDeviceId, checkShare, checkVariables, checkHosts, checkVersion, checkConfig],
  ...[checkPlugin, checkOtherPlugins, checkProvider, checkEnabled, checkProviderIds],
  checkOnline,
];

/** Runs all checks; problems come before notes. */
export function runChecks(context: DoctorContext): readonly Finding[] {
  const findings = CHECKS.flatMap((check) => [...check(context)]);
  const rank = ({ severity }: Finding) => severity === "problem" ? 0 : 1;
  return findings.toSorted((one, other) => rank(one) - rank(other));
}
