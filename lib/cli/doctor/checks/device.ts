/**
 * What may be wrong with the device id, the variables and the hosts. What kimi-cli does with an odd
 * device id was measured with 1.51.0.
 *
 * @module
 */

import { KimiError } from "../../../kimi/errors/kimi_error.ts";
import { assertTrusted, type Hosts } from "../../../kimi/identity/hosts.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { regionOfHost } from "../../../kimi/identity/regions.ts";
import { readEnvSettings } from "../../../kimi/chat/env_settings.ts";
import { isFilledIn } from "../collect/config_values.ts";
import type { Examination, Sourced } from "../diagnosis.ts";
import { type Finding, modeFinding, note, problem, unreadableCure } from "./finding.ts";
import type { Machine } from "../collect/machine.ts";
import type { SeenFile } from "../collect/path_state.ts";

const DEVICE_ID = /^[0-9a-f]{32}$/;

/** Bits of a folder's mode by which others than its owner may write into it. */
const OTHERS_WRITE = 0o022;

/**
 * Looks for what is wrong with the device and the environment.
 *
 * @param examination What follows from what was seen.
 * @returns The findings.
 */
export function deviceFindings(examination: Examination): readonly Finding[] {
  const { machine, hostSources, hosts, login } = examination;
  // A login keeps the hosts that are set at that time.
  const known = login.credential === undefined ? hosts : login.credential.hosts;
  return [
    ...idFindings(examination),
    ...folderFindings(machine),
    ...readEnvSettings(machine.variables).problems.flatMap((what) =>
      problem("variable", what, `unset ${what.split(" ", 1)[0]}, or set it to a number`)
    ),
    ...hostSources.flatMap((host) => hostFindings(host, known)),
  ];
}

function idFindings({ machine, deviceId = "" }: Examination): readonly Finding[] {
  const { path, sighting } = machine.deviceId;
  const cure = `rm ${path}: the next start makes a new one`;
  if (sighting.state === "missing") {
    return note("device-id-missing", "there is no device id yet: the first request makes one");
  }
  if (sighting.state === "folder" || sighting.state === "unreadable") {
    const why = sighting.state === "folder" ? "is a folder" : `cannot be read (${sighting.code})`;
    const what =
      `${path} ${why}: kimi-cli ends with an error, the plugin sends another id each start`;
    const code = sighting.state === "folder" ? "" : sighting.code;
    return problem("device-id-unreadable", what, unreadableCure(code, path, `rm -r ${path}`));
  }
  if (sighting.state !== "file") return [];
  const odd = deviceId === ""
    ? problem(
      "device-id-empty",
      `${path} is empty: kimi-cli, and so the plugin, sends an empty id`,
      cure,
    )
    : DEVICE_ID.test(deviceId)
    ? []
    : problem(
      "device-id-junk",
      `${path} holds no device id: ${junkFate(sighting, deviceId)}`,
      cure,
    );
  return [...odd, ...modeFinding("device-id-mode", path, sighting.mode)];
}

/** What becomes of a device id that is none. */
function junkFate({ isUtf8 }: SeenFile, id: string): string {
  if (!isUtf8) return "kimi-cli ends with a UnicodeDecodeError, the plugin leaves the bytes out";
  if (/[\r\n]/.test(id)) return "kimi-cli refuses to send several lines, the plugin joins them";
  // deno-lint-ignore no-control-regex
  if (/[^\x00-\x7f]/.test(id)) return "kimi-cli, and so the plugin, leaves out what is not ASCII";
  return "kimi-cli, and so the plugin, sends it as it is";
}

function folderFindings({ share: { path, sighting } }: Machine): readonly Finding[] {
  if (sighting.state !== "folder" || sighting.mode === undefined) return [];
  const octal = sighting.mode.toString(8).padStart(4, "0");
  if ((sighting.mode & OTHERS_WRITE) !== 0) {
    return problem(
      "share-mode",
      `${path} can be changed by other users (mode ${octal})`,
      `chmod 700 ${path}`,
    );
  }
  if ((sighting.mode & 0o077) === 0) return [];
  const what = `${path} can be looked into by other users (mode ${octal}), as kimi-cli makes it`;
  return note("share-mode", what, `chmod 700 ${path}`);
}

function hostFindings(
  { value = "", source }: Sourced,
  known: Hosts | undefined,
): readonly Finding[] {
  if (isFilledIn(value)) return [];
  try {
    assertTrusted(value, known);
    return [];
  } catch (error) {
    if (!(error instanceof KimiError)) throw error;
    const what = `${error.message.split(/: (?:it was not set|unset)/, 1)[0]} (from ${source})`;
    const hostname = URL.canParse(value) ? new URL(value).hostname : "";
    const login = /only https/.test(what)
      ? "write https in it"
      : `log in while it is set: ${loginCommand(regionOfHost(hostname))}`;
    const isOption = source === "options.baseURL";
    const unset = isOption ? "take options.baseURL out of opencode.json" : `unset ${source}`;
    return problem("host-untrusted", what, `${unset}, or ${login}`);
  }
}
