/** Checks the device id, the variables and the hosts. The effects were measured with kimi-cli 1.51.0. */

import { isAbsolute } from "node:path";
import { DEVICE_FOLDERS } from "../../../kimi/clients/device_folders.ts";
import { KimiError } from "../../../kimi/errors/kimi_error.ts";
import { assertTrusted, isPrivate } from "../../../kimi/identity/hosts.ts";
import { regionOfHost } from "../../../kimi/identity/regions.ts";
import { hasPlaceholder } from "../collect/config_values.ts";
import { checkMode, checkReadable, type DoctorContext, problem } from "./finding.ts";

export function* checkDeviceId({ client, deviceFile: file, deviceId: id }: DoctorContext) {
  const { path, state } = file;
  const { hasDashes } = DEVICE_FOLDERS[client];
  const others = hasDashes ? "" : "kimi-cli fails, and ";
  const effect = `: ${others}the plugin sends another id at each start`;
  yield* checkReadable("device-id-unreadable", file, effect, `rm -r ${path}`);
  if (state === "file" && id !== undefined && !(hasDashes ? UUID : HEX).test(id)) {
    const fix = `rm ${path}: the next start creates a new one`;
    const what = id === "" && !hasDashes
      ? "is empty: kimi-cli and the plugin send an empty id"
      : "does not hold a device id";
    yield problem(id === "" ? "device-id-empty" : "device-id-junk", `${path} ${what}`, fix);
  }
  yield* checkMode("device-id-mode", file);
}

const HEX = /^[0-9a-f]{32}$/;

/** kimi-code takes over kimi-cli's id, which has no dashes. */
const UUID = /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/;

export function* checkShare({ client, share, machine: { variables } }: DoctorContext) {
  const { variable } = DEVICE_FOLDERS[client];
  const named = variables[variable] ?? "";
  if (named !== "" && !isAbsolute(named)) {
    const what = `${variable}=${named} is relative: each folder that opencode starts in has ` +
      "another device id";
    yield problem("share-relative", what, "set it to an absolute path, or unset it");
  }
  yield* checkMode("share-mode", share, "folder");
}

/** Finds hosts that the access token must not be sent to. */
export function* checkHosts({ hostSources, hosts, login }: DoctorContext) {
  const { credential, command } = login;
  for (const { value: host, source } of hostSources) {
    if (hasPlaceholder(host)) continue;
    try {
      // The next login will store the hosts that are set now.
      assertTrusted(host, credential === undefined ? hosts : credential.hosts);
    } catch (error) {
      if (!(error instanceof KimiError)) throw error;
      const url = URL.canParse(host) ? new URL(host) : undefined;
      const isOpen = url !== undefined && !isPrivate(url);
      // The fix below replaces the second half of the message.
      const what = isOpen ? error.message : error.message.split(": ", 1)[0];
      const other = isOpen
        ? "change it to https"
        : `log in while it is set: ${command(regionOfHost(url?.hostname ?? ""))}`;
      const isOption = source === "options.baseURL";
      const unset = isOption ? "remove options.baseURL from opencode.json" : `unset ${source}`;
      yield problem("host-untrusted", `${what} (from ${source})`, `${unset}, or ${other}`);
    }
  }
}
