/**
 * The smallest set of Deno's permissions with which `login` does all that it can.
 *
 * @module
 */

import { browserProgram } from "../../runtime/browser.ts";
import { devicePermissions, type Permission } from "../shared/deno_permissions.ts";

/**
 * The set.
 *
 * @param platform `process.platform`.
 * @returns What to allow, and why.
 */
export function loginPermissions(platform: string): readonly Permission[] {
  const hasDisplayVariables = platform !== "darwin" && platform !== "win32";
  return [
    { flag: "--allow-net", value: "auth.kimi.com,auth.kimi.ai", why: "log in" },
    {
      flag: "--allow-env",
      value: "KIMI_CODE_OAUTH_HOST,KIMI_OAUTH_HOST,KIMI_CODE_BASE_URL,KIMI_SHARE_DIR,XDG_DATA_HOME",
      why: "see which hosts and folders are set",
    },
    {
      flag: "--allow-env",
      value: `SSH_CONNECTION,SSH_CLIENT,SSH_TTY${
        hasDisplayVariables ? ",DISPLAY,WAYLAND_DISPLAY" : ""
      }`,
      why: "open the browser only where you see it",
    },
    {
      flag: "--allow-read",
      value: "$HOME/.local/share/opencode",
      why: "find opencode's auth.json and its lock",
    },
    { flag: "--allow-write", value: "$HOME/.local/share/opencode", why: "keep the login there" },
    ...devicePermissions(platform),
    {
      flag: "--allow-run",
      value: browserProgram("", platform)[0],
      why: "open the page that confirms the login (not with --no-browser)",
    },
  ];
}
