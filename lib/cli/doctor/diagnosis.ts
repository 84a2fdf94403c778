/** Derives the login, the hosts and the headers in force, and where each value comes from. */

import { readEntry } from "../../client/auth_json/edit.ts";
import { fromAuthEntry } from "../../client/tokens/credential.ts";
import {
  CLIENT_NAMES,
  type ClientName,
  DEFAULT_CLIENT,
  PACKAGE_NAME,
  PROVIDER_ID,
} from "../../kimi/identity/constants.ts";
import { identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { type Hosts, resolveHosts } from "../../kimi/identity/hosts.ts";
import { loginCommand } from "../../kimi/identity/login_messages.ts";
import { type Region, regionOf } from "../../kimi/identity/regions.ts";
import { v2LoginCommand } from "../../kimi/identity/v2_login.ts";
import { readOptions } from "../../kimi/plugin_options.ts";
import { isObject, printable, text } from "../../kimi/util/json.ts";
import { readClaims } from "../../kimi/util/jwt.ts";
import { pythonStrip } from "../../kimi/util/python.ts";
import { fileLoginCommand } from "../shared/auth_location.ts";
import { compareVersions } from "./collect/version.ts";
import { child, merged } from "./collect/config_values.ts";
import type { Machine } from "./collect/machine.ts";
import { textAt } from "./collect/path_state.ts";

export type Diagnosis = ReturnType<typeof diagnose>;

/** Derives everything that does not need the network. */
export function diagnose(machine: Machine) {
  const { config, plugins } = machine;
  /** The entries of the configuration that load this plugin. */
  const own = plugins.filter(({ name }) => name === PACKAGE_NAME);
  const { options: { client, discover }, problems } = readOptions(own.at(-1)?.options);
  const entry = merged(config, "provider")[PROVIDER_ID];
  const provider = isObject(entry) ? entry : undefined;
  const login = readLogin(machine);
  const baseUrl = text(child(provider, "options").baseURL);
  return {
    machine,
    clientSource: isPartial(machine) && own.length === 0 ? AS_FAR : "",
    clients: CLIENT_NAMES.map((client) => clientState(machine, client)),
    /** What the chosen one sends. */
    ...clientState(machine, client),
    ...releasesOf(machine),
    own,
    discover,
    optionProblems: problems,
    provider,
    login,
    ...sourcedHosts(machine, baseUrl, login.credential?.hosts),
  };
}

const NO_DEVICE = { node: "unknown", system: "", release: "", machine: "", version: "unknown" };

/** The device id of a client, and its headers, of which unknown ones are null. */
function clientState({ device: facts, devices }: Machine, client: ClientName) {
  const { share, deviceId: deviceFile } = devices[client];
  const { path, state } = deviceFile;
  /** Undefined if there is none, or it cannot be read. */
  const deviceId = state === "file" ? pythonStrip(deviceFile.text) : undefined;
  const device = { ...(facts ?? NO_DEVICE), id: deviceId ?? "" };
  const pinned = `pinned release of ${client}`;
  const sources: Readonly<Record<string, string>> = {
    "User-Agent": client === DEFAULT_CLIENT ? pinned : 'option "client"',
    "X-Msh-Platform": "fixed",
    "X-Msh-Version": pinned,
    "X-Msh-Device-Name": "host name",
    "X-Msh-Device-Model": "system, release, machine",
    "X-Msh-Os-Version": "the kernel's version",
    "X-Msh-Device-Id": state === "missing" ? `the first request creates it in ${path}` : path,
  };
  const isUnknown = (name: string) =>
    name === "X-Msh-Device-Id"
      ? deviceId === undefined
      : facts === undefined && /-(?:Device|Os)-/.test(name);
  const headers = Object.entries(identityHeaders(client, device)).map(([name, value]) => ({
    name,
    value: isUnknown(name) ? null : printable(value),
    source: sources[name] ?? "",
  }));
  return { client, share, deviceFile, deviceId, device, headers };
}

const RELEASE = /\d+\.\d+\.\d+[\w.-]*/;

/** The releases of opencode that are installed, or else the one that ran last. */
function releasesOf({ opencodes = [], opencodeVersion }: Machine) {
  const installed = opencodes.flatMap(({ said }) => RELEASE.exec(said)?.[0] ?? []);
  const releases = installed.length > 0 ? installed : opencodeVersion ?? [];
  const all = [releases].flat();
  const isNew = (release: string) => compareVersions(release, "2.0.0-0") >= 0;
  return { releases: all, hasV1: !all.every(isNew) || all.length === 0, hasV2: all.some(isNew) };
}

function readLogin(machine: Machine) {
  const { variables, auth, isNamedFile } = machine;
  // opencode 1.14 and later read only the variable if it is set.
  const content = variables.OPENCODE_AUTH_CONTENT;
  const entry = readEntry(content || textAt(auth), PROVIDER_ID);
  const credential = fromAuthEntry(entry);
  return {
    isFile: !content,
    source: content ? "OPENCODE_AUTH_CONTENT" : auth.path,
    entry,
    /** Undefined if the entry is not a complete OAuth login. */
    credential,
    claims: readClaims(credential?.access ?? "") ?? {},
    region: credential && regionOf(credential.hosts),
    command: (region?: Region) => {
      if (isNamedFile) return fileLoginCommand(auth.path, region);
      return releasesOf(machine).hasV1 ? loginCommand(region) : v2LoginCommand(region);
    },
  };
}

/** Whether Deno hides something that may change a default. */
export function isPartial({ denied, config, variables }: Machine): boolean {
  return config.files.some(({ state }) => state === "denied") ||
    denied.some(({ what }) => Object.hasOwn(variables, what));
}

/** What a default is worth if Deno hides a part of the machine. */
const AS_FAR = "as far as doctor could look";

/** The hosts in force, and what set each. */
function sourcedHosts(machine: Machine, baseUrl: string | undefined, stored: Hosts | undefined) {
  const { variables } = machine;
  const hosts = resolveHosts(variables, baseUrl, stored);
  const known = stored === undefined ? "default" : "stored with the login";
  const rest = isPartial(machine) ? `${known}, ${AS_FAR}` : known;
  const setBy = (...names: readonly string[]) => names.find((name) => variables[name]) ?? rest;
  // resolveHosts decides which values count as unset.
  const isOption = resolveHosts({}, baseUrl).api !== resolveHosts({}).api;
  const api = isOption ? "options.baseURL" : setBy("KIMI_CODE_BASE_URL");
  const oauth = setBy("KIMI_CODE_OAUTH_HOST", "KIMI_OAUTH_HOST");
  const hostSources = [
    { name: "OAuth host", value: hosts.oauth, source: oauth },
    { name: "API base", value: hosts.api, source: api },
  ];
  return { hosts, hostSources };
}
