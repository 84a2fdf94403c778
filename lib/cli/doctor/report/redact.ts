/** Removes everything from a report that identifies a person. */

import { dirname } from "node:path";
import type { DoctorContext } from "../checks/finding.ts";
import type { FullReport } from "./build.ts";
import { PROXY_VARIABLES } from "../../shared/permissions.ts";
import { createIdMask, createPathMask, type Mask, shorten } from "./mask.ts";

/** A report, masked or not. */
export type DoctorReport = FullReport | ReturnType<typeof redact>;

/** Names of claims that do not identify anybody, and of those that do. */
const OPEN_CLAIM = /^(?:scope|region)$/;
const ID_CLAIM = /(?:^|_)(?:id|sub)$/;

/**
 * Masks device id, host name, paths, ids of the account, and names of other plugins; for strangers,
 * folders outside the home too, which a user needs for the fixes.
 */
export function redact(report: FullReport, context: DoctorContext, isForStrangers = false) {
  const { headers, variables, login, opencode, online, request, notLookedAt, findings } = report;
  const mask = createMask(context, isForStrangers ? foldersOf(context) : []);
  const claims = Object.entries(login.claims).filter(([name]) => OPEN_CLAIM.test(name));
  return {
    ...report,
    headers: maskSources(headers, mask),
    clients: report.clients.map((each) => (
      { ...each, headers: maskSources(each.headers, mask) }
    )),
    installedClients: maskStrings(report.installedClients, mask),
    variables: maskStrings(variables, mask).map(({ name, value }) => (
      { name, value: PROXY_VARIABLES.includes(name) ? "set" : value }
    )),
    login: { ...login, source: mask(login.source), claims: Object.fromEntries(claims) },
    opencode: {
      ...maskStrings(opencode, mask),
      otherPlugins: opencode.otherPlugins.length,
      // Whoever logged in may have written a name.
      logins: opencode.logins?.map((login) => ({ ...login, label: "[label]" })) ?? null,
    },
    ...(online && { online: maskStrings(online, mask) }),
    ...(report.mcp && { mcp: maskStrings(report.mcp, mask) }),
    ...(request && { request: { ...request, headers: maskHeaders(request.headers) } }),
    notLookedAt: maskStrings(notLookedAt, mask),
    findings: maskStrings(findings, mask),
  };
}

function maskSources(headers: FullReport["headers"], mask: Mask) {
  return headers.map(({ name, value, source }) => (
    { name, value: value === null ? null : maskHeader(name, value), source: mask(source) }
  ));
}

/** The folders that the user chose. */
function foldersOf({ machine: { plugins, config, auth }, share }: DoctorContext) {
  const paths = [...plugins.flatMap(({ local }) => local?.path ?? []), auth.path, share.path];
  return [...paths, ...config.named.map(({ path }) => path)].map((path) => dirname(path));
}

function createMask({ machine, login, clients }: DoctorContext, folders: readonly string[]): Mask {
  const ids = Object.entries(login.claims).flatMap(([name, value]) =>
    ID_CLAIM.test(name) && typeof value === "string" ? [value] : []
  );
  const maskPaths = createPathMask(machine.home, machine.directory, folders);
  const maskIds = createIdMask([...ids, ...clients.map(({ deviceId = "" }) => deviceId)]);
  return (text) => maskIds(maskPaths(text));
}

/** Masks each string in a JSON value. */
function maskStrings<Value>(value: Value, mask: Mask): Value {
  const text = JSON.stringify(value, (_, item) => typeof item === "string" ? mask(item) : item);
  return JSON.parse(text);
}

function maskHeader(name: string, value: string): string {
  if (name === "X-Msh-Device-Id") return shorten(value);
  return name === "X-Msh-Device-Name" ? "[host name]" : value;
}

function maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const masked = (name: string, value: string) => [name, value && maskHeader(name, value)];
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => masked(name, value)));
}
