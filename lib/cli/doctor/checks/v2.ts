/** Checks what is particular to opencode 2.x: its logins, its service, and where it finds plugins. */

import { accountId } from "../../../kimi/util/jwt.ts";
import { PACKAGE_NAME, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { V2_METHODS, v2LoginCommand } from "../../../kimi/identity/v2_login.ts";
import { objectOf, parseObject, printable, text } from "../../../kimi/util/json.ts";
import { findValues } from "../collect/config_values.ts";
import type { CredentialRow } from "../collect/credential_rows.ts";
import { textAt } from "../collect/path_state.ts";
import { entriesIn } from "../collect/plugins.ts";
import { escapeRegExp } from "../../shared/escape_regexp.ts";
import type { Diagnosis } from "../diagnosis.ts";
import { type DoctorContext, note, problem } from "./finding.ts";

/** How a row and the login in auth.json agree. */
export function agreement({ access, refresh }: CredentialRow, { login, machine }: Diagnosis) {
  if (login.credential === undefined) return "no login in auth.json";
  if (login.credential.refresh === refresh) return "the login of auth.json";
  const [here, there] = [accountId(access ?? ""), accountId(login.credential.access)];
  if (here === "" || there === "") return "other tokens than auth.json";
  if (here === there) return "the account of auth.json";
  // The plugin keeps the logins of other accounts beside its own entry.
  const entries = objectOf(parseObject(textAt(machine.auth)));
  const isKept = Object.entries(entries).some(([name, entry]) =>
    name.startsWith(`${PROVIDER_ID}.`) && accountId(text(objectOf(entry).access) ?? "") === here
  );
  return isKept ? "a waiting account of auth.json" : "another account than auth.json";
}

export function* checkRows(context: DoctorContext) {
  const { hasV1, hasV2, login, machine: { rows, database, isNamedFile } } = context;
  if (rows?.state === "not read" && hasV2) {
    const what = `the logins of opencode 2.x in ${database} were not read: ${printable(rows.why)}`;
    yield note("row-unread", what);
  }
  if (rows?.state !== "read") return;
  const active = rows.rows.find(({ isActive }) => isActive);
  const again = v2LoginCommand(login.region);
  if (active === undefined) {
    if (!hasV2 || (!hasV1 && login.credential === undefined)) return;
    const what = `opencode 2.x has no active login for Kimi in ${database}`;
    yield problem("row-missing", what, again);
    return;
  }
  const { method = "" } = active;
  if (!Object.values<string>(V2_METHODS).includes(method)) {
    const what =
      `the login of opencode 2.x has the method "${printable(method)}", which the plugin ` +
      "does not have: opencode never refreshes it";
    yield problem("row-method", what, again);
  }
  if (!isNamedFile && agreement(active, context) === "another account than auth.json") {
    const what = "opencode 2.x uses another account than auth.json, which opencode 1.x and the " +
      "commands use";
    yield note("row-account", what, `log in to one of the two again, for example: ${again}`);
  }
}

/** opencode 2.x runs plugins in a service, which does not see the variables of a shell. */
export function* checkService({ hasV2, machine: { variables } }: DoctorContext) {
  const names = Object.keys(variables).filter((name) => /^KIMI_/.test(name) && variables[name]);
  if (!hasV2 || names.length === 0) return;
  const what =
    `${names.join(", ")} of this shell ${names.length === 1 ? "does" : "do"} not reach ` +
    "opencode 2.x, whose service has an environment of its own";
  const fix = "opencode service set env NAME=VALUE, then opencode service restart";
  yield note("service-environment", what, fix);
}

/** Finds entries that opencode 2.x does not load, or switches off. */
export function* checkV2Plugins(context: DoctorContext) {
  const { hasV1, hasV2, releases, own, machine: { config } } = context;
  for (const { value: { spec = "" }, source } of findValues(config, entriesIn)) {
    // Source: opencode 2.0.22, `plugins`.
    const pattern = new RegExp(`^${spec.slice(1).split("*").map(escapeRegExp).join(".*")}$`);
    const isOurs = pattern.test(PACKAGE_NAME) || pattern.test(PROVIDER_ID);
    if (!spec.startsWith("-") || !isOurs) continue;
    const what = `"${printable(spec)}" in ${source} switches the plugin off in opencode 2.x`;
    yield problem("plugin-off", what, "remove it");
  }
  if (hasV1 && releases.length > 0 && own.length > 0 && own.every(({ isForV2 }) => isForV2)) {
    const what = `only "plugins" lists ${PACKAGE_NAME}, and opencode 1.x reads "plugin"`;
    yield problem("plugin-v2-list", what, `opencode 2.x reads "plugin" too: list it there`);
  }
  if (!hasV2) return;
  for (const { spec, where, local } of own) {
    if (local?.state === "file") {
      const what = `opencode 2.x does not load "${spec}" of ${where}, because it is a file`;
      yield problem("plugin-v2-path", what, "name its folder instead");
    } else if (local?.state === "folder" && !local.names.some((name) => ENTRY.test(name))) {
      const what = `opencode 2.x finds neither server.js nor index.js in "${spec}" of ${where}`;
      yield problem("plugin-v2-path", what, `list "${spec}/dist" under "plugins" too`);
    }
  }
}

/** The files that opencode 2.0.22 loads from a folder. */
const ENTRY = /^(?:server|index)\.[cm]?[jt]sx?$/;
