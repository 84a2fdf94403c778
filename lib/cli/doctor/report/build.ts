/**
 * What doctor tells, made of what it found, and masked.
 *
 * @module
 */

import { remainingSeconds } from "../../../client/tokens/credential.ts";
import { KIMI_CLI_VERSION, VERSION } from "../../../kimi/identity/constants.ts";
import { DEVIATIONS } from "../../../kimi/deviations.ts";
import { printable } from "../../../kimi/util/json.ts";
import { configFindings } from "../checks/config.ts";
import { deviceFindings } from "../checks/device.ts";
import type { DoctorReport, Header, LoginReport, OnlineReport, OpencodeReport } from "./types.ts";
import type { Examination } from "../diagnosis.ts";
import type { Finding } from "../checks/finding.ts";
import { loginFindings, mintedAt } from "../checks/login.ts";
import { lockFindings, lockState } from "../checks/lock.ts";
import { idMask, type Mask, pathMask, shortened, withoutUser } from "./redact.ts";
import { unseenFindings, unseenOf } from "../checks/permissions.ts";
import type { Answered, Online } from "../online.ts";
import { onlineFindings } from "../checks/online.ts";
import { isOtherKimiPlugin, PACKAGE, type Plugin } from "../collect/plugins.ts";
import { idFindings } from "../checks/provider_ids.ts";
import { sampleRequest } from "./sample_request.ts";

/** What is wanted of a report. */
export interface ReportOptions {
  /** Whether nothing is masked but tokens. */
  readonly full: boolean;
  /** Whether a sample request is wanted. */
  readonly request: boolean;
  /** Name and release of the runtime, and the system. */
  readonly runtime: string;
}

/**
 * Makes the report.
 *
 * @param examination What follows from what was seen.
 * @param online What the service answered, if it was asked.
 * @param options What is wanted.
 * @returns The report.
 */
export function doctorReport(
  examination: Examination,
  online: Online | undefined,
  { full, request, runtime }: ReportOptions,
): DoctorReport {
  const { machine, client, hostSources } = examination;
  const mask = full ? (text: string) => text : maskOf(examination);
  const headers = shownHeaders(examination, full, mask);
  const unseen = unseenOf(examination, online);
  const findings = [
    ...unseenFindings(unseen),
    ...loginFindings(examination),
    ...lockFindings(machine),
    ...deviceFindings(examination),
    ...configFindings(examination),
    ...idFindings(examination),
    ...(online === undefined ? [] : onlineFindings(examination, online)),
  ];
  return {
    version: VERSION,
    runtime,
    kimiCli: KIMI_CLI_VERSION,
    client,
    headers,
    hosts: hostSources.map((host) => ({ ...host, value: withoutUser(host.value ?? "") })),
    login: loginReport(examination, full, mask),
    opencode: opencodeReport(examination, full, mask),
    ...(online === undefined ? {} : { online: onlineReport(online, mask) }),
    ...(request ? { request: sampleRequest(examination, headers) } : {}),
    deviations: DEVIATIONS,
    notLookedAt: unseen.map(({ what, flag }) => ({ what: mask(what), flag: mask(flag) })),
    findings: findings.map((one) => ({ ...one, what: mask(one.what), cure: mask(one.cure) }))
      .toSorted((one, other) => rank(one) - rank(other)),
  };
}

/** Names of claims whose values tell who somebody is. */
const ID_CLAIM = /(?:^|_)(?:id|sub)$/;

function maskOf({ machine, login, deviceId = "" }: Examination): Mask {
  const claims = Object.entries(login.claims).flatMap(([name, value]) =>
    ID_CLAIM.test(name) && typeof value === "string" ? [value] : []
  );
  const [ofPaths, ofIds] = [
    pathMask(machine.home, machine.directory),
    idMask([...claims, deviceId]),
  ];
  return (text) => ofIds(ofPaths(text));
}

function rank({ severity }: Finding): number {
  return severity === "problem" ? 0 : 1;
}

function shownHeaders({ headers }: Examination, full: boolean, mask: Mask): readonly Header[] {
  return headers.map(({ name, value, source }) => {
    const shown = value === undefined || full
      ? value
      : name === "X-Msh-Device-Id"
      ? shortened(value)
      : name === "X-Msh-Device-Name"
      ? "[host name]"
      : value;
    return { name, value: shown === undefined ? null : printable(shown), source: mask(source) };
  });
}

/** What a token may say of itself that is not somebody's name. */
const OPEN_CLAIMS: ReadonlySet<string> = new Set(["scope", "region"]);

function loginReport({ machine, login }: Examination, full: boolean, mask: Mask): LoginReport {
  const { credential, claims, source } = login;
  const seconds = (milliseconds: number) => Math.round(milliseconds / 1000);
  const texts = Object.entries(claims).flatMap(([name, value]) =>
    typeof value === "string" && (full || OPEN_CLAIMS.has(name))
      ? [[printable(name), printable(value)] as const]
      : []
  );
  const { state } = machine.auth.sighting;
  return {
    source: source === "auth.json" ? mask(machine.auth.path) : source,
    state: credential !== undefined
      ? "present"
      : state === "denied" && source === "auth.json"
      ? "not looked at"
      : "absent",
    region: login.region ?? null,
    accessExpiresIn: credential === undefined
      ? null
      : Math.round(remainingSeconds(credential, machine.now)),
    refreshAge: credential === undefined ? null : seconds(machine.now - mintedAt(credential)),
    claims: Object.fromEntries(texts),
    lock: lockState(machine),
  };
}

function opencodeReport(
  { machine: { config, plugins, opencodeVersion }, provider }: Examination,
  full: boolean,
  mask: Mask,
): OpencodeReport {
  const isOfKimi = (plugin: Plugin) => plugin.name === PACKAGE || isOtherKimiPlugin(plugin);
  const others = plugins.filter((plugin) => !isOfKimi(plugin));
  return {
    version: opencodeVersion === undefined ? null : printable(opencodeVersion),
    configuration: config.sources.filter(({ sighting }) => sighting.state !== "denied")
      .map(({ where }) => mask(where)),
    plugins: plugins.filter(isOfKimi).map(({ spec, where, installed = null }) => ({
      spec: mask(printable(spec)),
      where: mask(where),
      installed,
    })),
    otherPlugins: full ? others.map(({ spec }) => printable(spec)) : others.length,
    hasProviderEntry: provider !== undefined,
  };
}

function onlineReport({ oauth, api, clockAhead, models }: Online, mask: Mask): OnlineReport {
  const shown = (answered: Answered): Answered =>
    answered.state === "refused" ? { ...answered, why: mask(answered.why) } : answered;
  return {
    oauth: shown(oauth),
    api: shown(api),
    clockAhead: clockAhead === undefined ? null : Math.round(clockAhead / 1000),
    models: models ?? null,
  };
}
