/**
 * Checks the device id, the variables and the hosts.
 *
 * @see kimi-cli 1.51.0, with which the effects of unusual device ids were measured
 */

import { KimiError } from "../../../kimi/errors/kimi_error.ts";
import { assertTrusted, isPrivate } from "../../../kimi/identity/hosts.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { regionOfHost } from "../../../kimi/identity/regions.ts";
import { readEnvSettings } from "../../../kimi/chat/env_settings.ts";
import { hasPlaceholder } from "../collect/config_values.ts";
import type { FileState } from "../collect/path_state.ts";
import { type Check, checkMode, fixUnreadable, note, octal, problem } from "./finding.ts";

const DEVICE_ID = /^[0-9a-f]{32}$/;

/** Bits of a folder's mode that allow other users to write into it. */
const OTHERS_WRITE = 0o022;

const checkDeviceFile: Check = ({ machine: { deviceId } }) => {
  const { path, state } = deviceId;
  if (state === "missing") {
    return note("device-id-missing", "there is no device id yet: the first request creates it");
  }
  if (state !== "folder" && state !== "unreadable") return [];
  const code = state === "folder" ? "" : deviceId.code;
  const why = state === "folder" ? "is a folder" : `cannot be read (${code})`;
  return problem(
    "device-id-unreadable",
    `${path} ${why}: kimi-cli fails, and the plugin sends another id at each start`,
    fixUnreadable(code, path, `rm -r ${path}`),
  );
};

const checkDeviceId: Check = ({ machine, deviceId: id }) => {
  const file = machine.deviceId;
  if (file.state !== "file" || id === undefined || DEVICE_ID.test(id)) return [];
  const { path } = file;
  const fix = `rm ${path}: the next start creates a new one`;
  if (id === "") {
    const what = `${path} is empty: kimi-cli and the plugin send an empty id`;
    return problem("device-id-empty", what, fix);
  }
  return problem("device-id-junk", `${path} does not hold a device id: ${effectOf(file, id)}`, fix);
};

/** What kimi-cli and the plugin do with an unusual device id. */
function effectOf({ isUtf8 }: FileState, id: string): string {
  if (!isUtf8) return "kimi-cli fails with a UnicodeDecodeError, the plugin leaves the bytes out";
  if (/[\r\n]/.test(id)) return "kimi-cli refuses to send several lines, the plugin joins them";
  // deno-lint-ignore no-control-regex
  if (/[^\x00-\x7f]/.test(id)) return "kimi-cli and the plugin leave out what is not ASCII";
  return "kimi-cli and the plugin send it as it is";
}

const checkDeviceMode: Check = ({ machine: { deviceId: file } }) =>
  file.state === "file" ? checkMode("device-id-mode", file.path, file.mode) : [];

const checkShareMode: Check = ({ machine: { share } }) => {
  if (share.state !== "folder" || share.mode === undefined) return [];
  const { path, mode } = share;
  const [folder, fix] = [`${path} (mode ${octal(mode)})`, `chmod 700 ${path}`];
  if ((mode & OTHERS_WRITE) !== 0) {
    return problem("share-mode", `other users can change ${folder}`, fix);
  }
  if ((mode & 0o077) === 0) return [];
  return note("share-mode", `other users can list ${folder}: kimi-cli creates it like this`, fix);
};

const checkVariables: Check = ({ machine: { variables } }) =>
  readEnvSettings(variables).problems.flatMap((what) =>
    problem("variable", what, `unset ${what.split(" ", 1)[0]}, or set it to a number`)
  );

const checkHosts: Check = ({ hostSources, hosts, login: { credential } }) =>
  hostSources.flatMap(({ value, source }) => {
    const host = value ?? "";
    if (hasPlaceholder(host)) return [];
    try {
      // The next login will store the hosts that are set now.
      assertTrusted(host, credential === undefined ? hosts : credential.hosts);
      return [];
    } catch (error) {
      if (!(error instanceof KimiError)) throw error;
      const url = URL.canParse(host) ? new URL(host) : undefined;
      const isOpen = url !== undefined && !isPrivate(url);
      // The fix below replaces the second half of the message.
      const what = isOpen ? error.message : error.message.split(": ", 1)[0];
      const other = isOpen
        ? "change it to https"
        : `log in while it is set: ${loginCommand(regionOfHost(url?.hostname ?? ""))}`;
      const isOption = source === "options.baseURL";
      const unset = isOption ? "remove options.baseURL from opencode.json" : `unset ${source}`;
      return problem("host-untrusted", `${what} (from ${source})`, `${unset}, or ${other}`);
    }
  });

export const DEVICE_CHECKS: readonly Check[] = [
  checkDeviceFile,
  checkDeviceId,
  checkDeviceMode,
  checkShareMode,
  checkVariables,
  checkHosts,
];
