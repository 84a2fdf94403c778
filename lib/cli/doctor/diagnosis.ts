/**
 * What follows from what was seen: the login, the hosts, the seven headers, and where each comes from.
 *
 * @module
 */

import { readEntry } from "../../client/auth_json/edit.ts";
import { type Credential, fromAuthEntry, readClaims } from "../../client/tokens/credential.ts";
import { type ClientName, PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { type DeviceFacts, identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { type Hosts, resolveHosts } from "../../kimi/identity/hosts.ts";
import { readOptions } from "../../kimi/plugin_options.ts";
import { pythonStrip } from "../../kimi/util/python.ts";
import { type JsonObject, text } from "../../kimi/util/json.ts";
import { type Region, regionOf } from "../../kimi/identity/regions.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { child, providerEntry } from "./collect/config_values.ts";
import type { Machine } from "./collect/machine.ts";
import { PACKAGE, type Plugin } from "./collect/plugins.ts";

/** A value and where it comes from. */
export interface Sourced {
  /** What a person reads. */
  readonly name: string;
  /** The value; undefined where it is not known. */
  readonly value: string | undefined;
  /** Where it comes from. */
  readonly source: string;
}

/** Where the login stands. */
export interface Login {
  /** `auth.json`, or the variable that takes its place. */
  readonly source: "auth.json" | "OPENCODE_AUTH_CONTENT";
  /** What stands under the provider's id. */
  readonly entry: unknown;
  /** The login, where that is one. */
  readonly credential: Credential | undefined;
  /** What its access token says of itself. */
  readonly claims: JsonObject;
  /** The region of the account; undefined where there is no login, or its hosts are not Kimi's. */
  readonly region: Region | undefined;
}

/** What follows from what was seen. */
export interface Examination {
  /** What was seen. */
  readonly machine: Machine;
  /** Entries of the configuration that are this project's plugin. */
  readonly own: readonly Plugin[];
  /** Whose identity is sent. */
  readonly client: ClientName;
  /** Whether the account's models are kept and offered. */
  readonly discover: boolean;
  /** What is wrong with the plugin's options. */
  readonly optionProblems: readonly string[];
  /** The provider's entry in the configuration, if there is one. */
  readonly provider: JsonObject | undefined;
  /** The login. */
  readonly login: Login;
  /** The hosts in force. */
  readonly hosts: Hosts;
  /** The same, and where they come from. */
  readonly hostSources: readonly [oauth: Sourced, api: Sourced];
  /** The identity headers. */
  readonly headers: readonly Sourced[];
  /** The device id that is sent; undefined where none is there yet, or it may not be read. */
  readonly deviceId: string | undefined;
}

/**
 * Draws the conclusions.
 *
 * @param machine What was seen.
 * @returns What follows.
 */
export function examine(machine: Machine): Examination {
  const own = machine.plugins.filter(({ name }) => name === PACKAGE);
  const { options, problems } = readOptions(own.at(-1)?.options);
  const provider = providerEntry(machine.config, PROVIDER_ID);
  const login = readLogin(machine);
  const baseUrl = text(child(provider, "options").baseURL);
  const hosts = resolveHosts(machine.variables, baseUrl, login.credential?.hosts);
  const { sighting } = machine.deviceId;
  const deviceId = sighting.state === "file" ? pythonStrip(sighting.text) : undefined;
  return {
    machine,
    own,
    client: options.client,
    discover: options.discover,
    optionProblems: problems,
    provider,
    login,
    hosts,
    hostSources: sourcesOf(hosts, machine.variables, baseUrl, login.credential),
    headers: headersOf(machine, options.client, deviceId),
    deviceId,
  };
}

function readLogin({ variables, auth }: Machine): Login {
  // opencode 1.14 and later read the variable alone.
  const content = variables.OPENCODE_AUTH_CONTENT;
  const stored = auth.sighting.state === "file" ? auth.sighting.text : "";
  const entry = readEntry(content || stored, PROVIDER_ID);
  const credential = fromAuthEntry(entry);
  return {
    source: content ? "OPENCODE_AUTH_CONTENT" : "auth.json",
    entry,
    credential,
    claims: readClaims(credential?.access ?? "") ?? {},
    region: credential === undefined ? undefined : regionOf(credential.hosts),
  };
}

function sourcesOf(
  hosts: Hosts,
  variables: Variables,
  baseUrl: string | undefined,
  credential: Credential | undefined,
): readonly [Sourced, Sourced] {
  const rest = credential?.hosts === undefined ? "default" : "kept with the login";
  const set = ["KIMI_CODE_OAUTH_HOST", "KIMI_OAUTH_HOST"].find((name) => variables[name]);
  // What counts as unset is for resolveHosts to say.
  const isOption = baseUrl !== undefined &&
    resolveHosts({}, baseUrl).api !== resolveHosts({}).api;
  const api = isOption
    ? "options.baseURL"
    : variables.KIMI_CODE_BASE_URL
    ? "KIMI_CODE_BASE_URL"
    : rest;
  return [
    { name: "OAuth host", value: hosts.oauth, source: set ?? rest },
    { name: "API base", value: hosts.api, source: api },
  ];
}

/** Where each header's value comes from. */
const SOURCES: Readonly<Record<string, string>> = {
  "X-Msh-Platform": "fixed",
  "X-Msh-Version": "the pin",
  "X-Msh-Device-Name": "the host name",
  "X-Msh-Device-Model": "system, release, machine",
  "X-Msh-Os-Version": "the kernel's build string",
};

/** Stands for the facts of a machine that may not be looked at. */
const UNKNOWN: DeviceFacts = { node: "", system: "", release: "", machine: "", version: "" };

function headersOf(
  { device, deviceId: { path, sighting } }: Machine,
  client: ClientName,
  id: string | undefined,
): readonly Sourced[] {
  const sent = identityHeaders(client, { ...(device ?? UNKNOWN), id: id ?? "" });
  return Object.entries(sent).map(([name, value]) => {
    if (name === "User-Agent") {
      const source = client === "kimi-cli" ? "the pin" : 'option "client"';
      return { name, value, source };
    }
    if (name === "X-Msh-Device-Id") {
      const isNew = sighting.state === "missing";
      const source = isNew ? `made by the first request, in ${path}` : path;
      return { name, value: id === undefined ? id : value, source };
    }
    const isFact = /-(?:Device|Os)-/.test(name);
    return {
      name,
      value: isFact && device === undefined ? undefined : value,
      source: SOURCES[name] ?? "",
    };
  });
}
