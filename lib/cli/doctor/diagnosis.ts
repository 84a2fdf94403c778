/** Derives the login, the hosts and the headers in force, and where each value comes from. */

import { readEntry } from "../../client/auth_json/edit.ts";
import { fromAuthEntry, readClaims } from "../../client/tokens/credential.ts";
import { type ClientName, PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { type Device, identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { type Hosts, resolveHosts } from "../../kimi/identity/hosts.ts";
import { readOptions } from "../../kimi/plugin_options.ts";
import { pythonStrip } from "../../kimi/util/python.ts";
import { printable, text } from "../../kimi/util/json.ts";
import { loginCommand } from "../../kimi/identity/login_messages.ts";
import { type Region, regionOf } from "../../kimi/identity/regions.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { fileLoginCommand } from "../shared/auth_location.ts";
import { child, mergedProvider } from "./collect/config_values.ts";
import type { Machine } from "./collect/machine.ts";
import { PACKAGE } from "./collect/plugins.ts";

/** The state of a machine, and what follows from it. */
export type Diagnosis = ReturnType<typeof diagnose>;

const UNKNOWN_DEVICE = {
  node: "unknown",
  system: "",
  release: "",
  machine: "",
  version: "unknown",
};

/** Derives everything that does not need the network. */
export function diagnose(machine: Machine) {
  const { variables, config, plugins, deviceId: file } = machine;
  const own = plugins.filter(({ name }) => name === PACKAGE);
  const { options: { client, discover }, problems } = readOptions(own.at(-1)?.options);
  const provider = mergedProvider(config, PROVIDER_ID);
  const baseUrl = text(child(provider, "options").baseURL);
  const login = readLogin(machine);
  const stored = login.credential?.hosts;
  const deviceId = file.state === "file" ? pythonStrip(file.text) : undefined;
  const device = { ...(machine.device ?? UNKNOWN_DEVICE), id: deviceId ?? "" };
  return {
    machine,
    /** Entries of the configuration that load this plugin. */
    own,
    client,
    discover,
    optionProblems: problems,
    /** The provider's entry in the configuration. */
    provider,
    login,
    hosts: resolveHosts(variables, baseUrl, stored),
    hostSources: hostSources(variables, baseUrl, stored),
    device,
    headers: sourcedHeaders(machine, client, device),
    /** Undefined if there is none, or it cannot be read. */
    deviceId,
  };
}

function readLogin({ variables, auth, isNamedFile }: Machine) {
  // opencode 1.14 and later read only the variable if it is set.
  const content = variables.OPENCODE_AUTH_CONTENT;
  const entry = readEntry(content || (auth.state === "file" ? auth.text : ""), PROVIDER_ID);
  const credential = fromAuthEntry(entry);
  return {
    isFile: !content,
    source: content ? "OPENCODE_AUTH_CONTENT" : auth.path,
    entry,
    /** Undefined if the entry is not a complete OAuth login. */
    credential,
    claims: readClaims(credential?.access ?? "") ?? {},
    region: credential && regionOf(credential.hosts),
    /** The command that logs in again. */
    command: (region?: Region) =>
      isNamedFile ? fileLoginCommand(auth.path, region) : loginCommand(region),
  };
}

function hostSources(variables: Variables, baseUrl: string | undefined, stored: Hosts | undefined) {
  const hosts = resolveHosts(variables, baseUrl, stored);
  const rest = stored === undefined ? "default" : "stored with the login";
  const oauth = ["KIMI_CODE_OAUTH_HOST", "KIMI_OAUTH_HOST"].find((name) => variables[name]);
  const variable = variables.KIMI_CODE_BASE_URL ? "KIMI_CODE_BASE_URL" : undefined;
  // resolveHosts decides which values count as unset.
  const isOption = resolveHosts({}, baseUrl).api !== resolveHosts({}).api;
  const api = isOption ? "options.baseURL" : variable;
  return [
    { name: "OAuth host", value: hosts.oauth, source: oauth ?? rest },
    { name: "API base", value: hosts.api, source: api ?? rest },
  ];
}

/** The value of a header is null if it is unknown. */
function sourcedHeaders(
  { device: facts, deviceId: { path, state } }: Machine,
  client: ClientName,
  device: Device,
) {
  const pinned = "pinned release of kimi-cli";
  const sources: Readonly<Record<string, string>> = {
    "User-Agent": client === "kimi-cli" ? pinned : 'option "client"',
    "X-Msh-Platform": "fixed",
    "X-Msh-Version": pinned,
    "X-Msh-Device-Name": "host name",
    "X-Msh-Device-Model": "system, release, machine",
    "X-Msh-Os-Version": "build string of the kernel",
    "X-Msh-Device-Id": state === "missing" ? `the first request creates it in ${path}` : path,
  };
  const isKnown = (name: string) =>
    name === "X-Msh-Device-Id"
      ? state === "file"
      : facts !== undefined || !/-(?:Device|Os)-/.test(name);
  return Object.entries(identityHeaders(client, device)).map(([name, value]) => ({
    name,
    value: isKnown(name) ? printable(value) : null,
    source: sources[name] ?? "",
  }));
}
