/** Builds the report, which `--json` prints and the text is made of. */

import { mintedAt, remainingSeconds } from "../../../client/tokens/credential.ts";
import { KIMI_CLI_VERSION, PACKAGE_NAME, VERSION } from "../../../kimi/identity/constants.ts";
import { deviationsOf } from "../../../kimi/deviations.ts";
import { printable } from "../../../kimi/util/json.ts";
import { withoutUserInfo } from "../../../kimi/util/redact.ts";
import { checkBases } from "../checks/base_url.ts";
import { checkConfig, checkVersion } from "../checks/config.ts";
import { checkDeviceId, checkHosts, checkShare } from "../checks/device.ts";
import type { Check, DoctorContext, Finding } from "../checks/finding.ts";
import { LOGIN_CHECKS, loginEnd, readLock } from "../checks/login.ts";
import { checkMcpTools } from "../checks/mcp.ts";
import { checkOnline } from "../checks/online.ts";
import { checkPermissions, missingPermissions } from "../checks/permissions.ts";
import { checkOtherPlugins, checkPlugin } from "../checks/plugins.ts";
import { checkEnabled, checkProvider, checkProviderIds } from "../checks/provider.ts";
import { checkEfforts, checkProxy, checkVariables } from "../checks/settings.ts";
import { agreement, checkRows, checkService, checkV2Plugins } from "../checks/v2.ts";
import { PROXY_VARIABLES } from "../../shared/permissions.ts";
import { isOtherKimiPlugin, type Plugin } from "../collect/plugins.ts";
import type { Program } from "../collect/programs.ts";
import { isPartial } from "../diagnosis.ts";
import type { Online } from "../online.ts";
import { sampleRequest } from "./sample_request.ts";

/** In the order of the report. */
const CHECKS: readonly Check[] = [
  ...[checkPermissions, ...LOGIN_CHECKS],
  ...[checkDeviceId, checkShare, checkVariables, checkProxy, checkHosts],
  ...[checkVersion, checkConfig, checkEfforts],
  ...[checkPlugin, checkOtherPlugins, checkProvider, checkBases, checkEnabled],
  ...[checkV2Plugins, checkRows, checkService],
  ...[checkProviderIds, checkMcpTools, checkOnline],
];

/** The report before ids, paths and names are masked. Unknown values are null. */
export type FullReport = ReturnType<typeof buildReport>;

/** Builds the report; its members are documented in docs/commands.md. */
export function buildReport(
  context: DoctorContext,
  { request, runtime }: { readonly request: boolean; readonly runtime: string },
) {
  const { client, clientSource, headers, hostSources, online, mcp } = context;
  return {
    version: VERSION,
    runtime,
    kimiCli: KIMI_CLI_VERSION,
    client,
    clientSource,
    headers,
    clients: context.clients.map((each) => (
      { client: each.client, isInForce: each.client === client, headers: each.headers }
    )),
    installedClients: programsReport(context.machine.kimis),
    hosts: hostSources.map((host) => ({ ...host, value: withoutUserInfo(host.value) })),
    variables: variablesInForce(context),
    login: loginReport(context),
    opencode: opencodeReport(context),
    ...(online && { online: onlineReport(online) }),
    ...(mcp && { mcp: mcp.map(({ name, tools }) => ({ name, tools: tools?.length ?? null })) }),
    ...(request ? { request: sampleRequest(context) } : {}),
    deviations: deviationsOf(client),
    notLookedAt: missingPermissions(context).map(({ what, flag }) => ({ what, flag })),
    findings: runChecks(context),
  };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000);
}

function onlineReport({ oauth, api, clockAhead, models }: Online) {
  const ahead = clockAhead === undefined ? null : seconds(clockAhead);
  return { oauth, api, clockAhead: ahead, models: models ?? null };
}

function loginReport({ machine, login }: DoctorContext) {
  const { credential, claims, source, isFile, region = null } = login;
  const { now, auth } = machine;
  const isUnknown = isFile && auth.state === "denied";
  const texts = Object.entries(claims).filter(([, value]) => typeof value === "string");
  return {
    source,
    state: credential !== undefined ? "present" : isUnknown ? "not looked at" : "absent",
    region,
    accessExpiresIn: credential ? Math.round(remainingSeconds(credential, now)) : null,
    loginExpiresIn: credential ? seconds(loginEnd(credential) - now) : null,
    refreshAge: credential ? seconds(now - mintedAt(credential)) : null,
    claims: Object.fromEntries(texts.map(([name, value]) => [printable(name), printable(value)])),
    lock: readLock(machine).state,
  };
}

/** The variables that change requests, of those that are set. */
function variablesInForce({ machine: { variables } }: DoctorContext) {
  const isInForce = (name: string) => /^KIMI_/.test(name) || PROXY_VARIABLES.includes(name);
  return Object.entries(variables).flatMap(([name, value]) =>
    isInForce(name) && value ? [{ name, value: withoutUserInfo(printable(value)) }] : []
  );
}

/** Only kimi-code prints nothing but its version. */
function programsReport(programs: readonly Program[] | undefined) {
  return programs?.map(({ path, said }) => (
    { path, version: printable(said.split("\n", 1)[0]) || null }
  )) ?? null;
}

/** The logins of opencode 2.x, without their tokens. */
function rowsReport(context: DoctorContext) {
  const { rows, now } = context.machine;
  if (rows?.state !== "read") return null;
  return rows.rows.map((row) => ({
    label: printable(row.label),
    method: row.method === undefined ? null : printable(row.method),
    isActive: row.isActive,
    expiresIn: row.expires === undefined ? null : seconds(row.expires - now),
    holds: agreement(row, context),
  }));
}

function opencodeReport(context: DoctorContext) {
  const { machine, provider } = context;
  const { config, plugins, opencodeVersion, opencodes } = machine;
  const isForKimi = (plugin: Plugin) => plugin.name === PACKAGE_NAME || isOtherKimiPlugin(plugin);
  return {
    version: opencodeVersion === undefined ? null : printable(opencodeVersion),
    installed: programsReport(opencodes),
    logins: rowsReport(context),
    configuration: config.files.filter(({ state }) => state !== "denied").map(({ path }) => path),
    plugins: plugins.filter(isForKimi).map(({ spec, where, installed = null }) => (
      { spec: printable(spec), where, installed }
    )),
    otherPlugins: plugins.filter((plugin) => !isForKimi(plugin)).map(({ spec }) => printable(spec)),
    hasProviderEntry: provider !== undefined || (isPartial(machine) ? null : false),
  };
}

/** Runs all checks; problems come before notes. */
function runChecks(context: DoctorContext): readonly Finding[] {
  const findings = CHECKS.flatMap((check) => [...check(context)]);
  const rank = ({ severity }: Finding) => severity === "problem" ? 0 : 1;
  return findings.toSorted((one, other) => rank(one) - rank(other));
}
