/** Removes everything from a report that identifies a person. */

import { dirname } from "node:path";
import { objectOf, text } from "../../../kimi/util/json.ts";
import { PROXY_VARIABLES } from "../../shared/permissions.ts";
import type { DoctorContext } from "../checks/finding.ts";
import type { FullReport } from "./build.ts";
import { createIdMask, createPathMask, type Mask, shorten } from "./mask.ts";

/** A report, masked or not. */
export type DoctorReport = FullReport | ReturnType<typeof redact>;

/** Names of claims that do not identify anybody, and of those that do. */
const OPEN_CLAIM = /^(?:scope|region)$/;
const ID_CLAIM = /(?:^|_)(?:id|sub)$/;

/** Masks what identifies; for strangers also folders outside the home, which fixes need. */
export function redact(report: FullReport, context: DoctorContext, isForStrangers = false) {
  const mask = createMask(context, isForStrangers ? foldersOf(context) : []);
  const masked = maskStrings(report, mask);
  const claims = Object.entries(masked.login.claims).filter(([name]) => OPEN_CLAIM.test(name));
  return {
    ...masked,
    login: { ...masked.login, claims: Object.fromEntries(claims) },
    opencode: { ...masked.opencode, otherPlugins: masked.opencode.otherPlugins.length },
  };
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

/** Masks each string in a JSON value, some by their key, or by the `name` beside a `value`. */
function maskStrings<Value>(value: Value, mask: Mask): Value {
  const json = JSON.stringify(value, function (this: unknown, key: string, item: unknown) {
    if (typeof item !== "string" || item === "") return item;
    const name = key === "value" ? text(objectOf(this).name) ?? key : key;
    if (name === "X-Msh-Device-Id") return shorten(item);
    if (name === "X-Msh-Device-Name") return "[host name]";
    // Whoever logged in to opencode 2.x may have written a name.
    if (name === "label") return "[label]";
    return PROXY_VARIABLES.includes(name) ? "set" : mask(item);
  });
  return JSON.parse(json);
}
