/** The user's folders for data, configuration and cache. */

import { homedir } from "node:os";
import type { Variables } from "../../kimi/chat/env_settings.ts";

const FOLDERS = {
  data: ["XDG_DATA_HOME", ".local/share"],
  config: ["XDG_CONFIG_HOME", ".config"],
  cache: ["XDG_CACHE_HOME", ".cache"],
} as const;

/** Returns a folder as npm `xdg-basedir` does, which opencode uses on every system. */
export function xdgFolder(kind: keyof typeof FOLDERS, variables: Variables, home: string): string {
  // Deno asks for a permission for each variable that is read.
  const [variable, folder] = FOLDERS[kind];
  return variables[variable] || `${home}/${folder}`;
}

/** The folder of opencode's data. */
export function opencodeDataDirectory(variables: Variables, home: string): string {
  return `${xdgFolder("data", variables, home)}/opencode`;
}

/** The path of opencode's auth.json. */
export function opencodeAuthPath(variables: Variables): string {
  return `${opencodeDataDirectory(variables, homedir())}/auth.json`;
}
