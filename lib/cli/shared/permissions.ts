/** The Deno permissions of each command, for the help, `deno.json`, the docs and error messages. */

import { browserProgram } from "../../runtime/browser.ts";
import { SYSTEM_VERSION } from "../../runtime/device/facts.ts";
import { LOCK_NAME } from "../../runtime/fs/atomic_file.ts";

/** A permission of Deno. */
export type Permission = {
  /** The flag, such as `--allow-net`. */
  readonly flag: string;
  /** The value of the flag: hosts, names, or paths with `$HOME`, separated by commas. */
  readonly value: string;
  /** What it is needed for, to be read after "needed to". */
  readonly why: string;
};

type Row = readonly [kind: string, value: string, why: string];

const ALL_HOSTS = "auth.kimi.com,api.kimi.com,auth.kimi.ai,api.kimi.ai";
const KIMI_VARIABLES =
  "KIMI_CODE_OAUTH_HOST,KIMI_OAUTH_HOST,KIMI_CODE_BASE_URL,KIMI_SHARE_DIR,KIMI_CODE_HOME";
const USAGE_VARIABLES = `${KIMI_VARIABLES},XDG_DATA_HOME,OPENCODE_AUTH_CONTENT`;
const DATA = "$HOME/.local/share/opencode";
const CONFIG =
  "$HOME/.config/opencode,$HOME/.cache/opencode/packages,$HOME/.opencode,/etc/opencode";
const PROJECT_CONFIG = ".git,.opencode,opencode.json,opencode.jsonc";

/** The variables that name a proxy. Source: https://bun.sh/docs/runtime/http/proxy, curl(1). */
export const PROXY_VARIABLES: readonly string[] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
  .flatMap((name) => [name, name.toLowerCase()]);

/** The environment variables that doctor reads. */
export const DOCTOR_VARIABLES: readonly string[] = [
  ...KIMI_VARIABLES.split(","),
  ...["KIMI_MODEL_MAX_COMPLETION_TOKENS", "KIMI_MODEL_MAX_TOKENS", "KIMI_MODEL_TEMPERATURE"],
  ...["KIMI_MODEL_TOP_P", "KIMI_MODEL_THINKING_KEEP", "KIMI_MODEL_THINKING_EFFORT"],
  ...["OPENCODE_AUTH_CONTENT", "OPENCODE_CONFIG"],
  ...["OPENCODE_CONFIG_CONTENT", "OPENCODE_CONFIG_DIR", "OPENCODE_DISABLE_PROJECT_CONFIG"],
  ...["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"],
  ...PROXY_VARIABLES,
];

const COMMANDS = {
  login: (platform: string): readonly Row[] => [
    ["net", "auth.kimi.com,auth.kimi.ai", "log in"],
    ["env", `${KIMI_VARIABLES},XDG_DATA_HOME`, "read which hosts and folders are set"],
    ["env", desktopVariables(platform), "open a browser only if you can see it"],
    ["read", DATA, "read opencode's auth.json and its lock"],
    ["write", DATA, "store the login there"],
    ...deviceRows(platform),
    ["run", browserProgram("", platform)[0], "open the confirmation page (not with --no-browser)"],
  ],
  usage: (platform: string): readonly Row[] => [
    ["net", ALL_HOSTS, "ask for the usage, and refresh the login if it is due"],
    ["env", USAGE_VARIABLES, "read which hosts, folders and logins are set"],
    ["read", DATA, "read the login in opencode's auth.json"],
    ["write", DATA, "store the login there after a refresh"],
    ...deviceRows(platform),
  ],
  doctor: (platform: string): readonly Row[] => [
    ["env", DOCTOR_VARIABLES.join(","), "read which hosts and folders are set"],
    ["read", `${DATA}/auth.json,${DATA}/${LOCK_NAME}`, "read the login and its lock"],
    ["read", CONFIG, "read opencode's configuration and plugins"],
    ["read", PROJECT_CONFIG, "read the configuration of the current folder"],
    ...deviceRows(platform).filter(([kind]) => kind !== "write"),
    ["net", ALL_HOSTS, "ask the service (only with --online)"],
  ],
};

/** For the identity headers: the facts of the machine, and the device id of the client. */
function deviceRows(platform: string): readonly Row[] {
  return [
    ["sys", "homedir,hostname,osRelease", "send the name and system of this machine to Kimi"],
    ["read", "$HOME/.kimi,$HOME/.kimi-code", "read the device id shared with Kimi's own client"],
    ["write", "$HOME/.kimi,$HOME/.kimi-code", "create the device id if there is none"],
    ...(platform === "darwin" ? [["read", SYSTEM_VERSION, "read the macOS version"] as const] : []),
    ...(platform === "win32" ? [] : [["run", "uname", "read the kernel version"] as const]),
  ];
}

function desktopVariables(platform: string): string {
  const variables = "SSH_CONNECTION,SSH_CLIENT,SSH_TTY";
  const hasDisplay = platform !== "darwin" && platform !== "win32";
  return hasDisplay ? `${variables},DISPLAY,WAYLAND_DISPLAY` : variables;
}

/** The smallest set of permissions with which a command can do everything it does. */
export function commandPermissions(
  command: keyof typeof COMMANDS,
  platform: string,
): readonly Permission[] {
  const rows = COMMANDS[command](platform);
  return rows.map(([kind, value, why]) => ({ flag: `--allow-${kind}`, value, why }));
}
