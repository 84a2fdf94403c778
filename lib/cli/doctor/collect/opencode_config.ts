/** Reads opencode's configuration files. Source: opencode 1.14.34 and 1.18.33, `ConfigPaths`. */

import { dirname, join } from "node:path";
import type { JsonObject } from "../../../kimi/util/json.ts";
import type { Variables } from "../../../kimi/chat/env_settings.ts";
import { xdgFolder } from "../../../runtime/fs/xdg.ts";
import { parseJsonc } from "./jsonc.ts";
import type { Locate, Located } from "./path_state.ts";

interface ConfigLocation {
  readonly variables: Variables;
  readonly home: string;
  readonly directory: string;
  readonly platform: string;
}

/** A configuration file, or the variable that holds a configuration. */
type ConfigFile = Located & {
  /** Undefined if it cannot be read or does not hold an object. */
  readonly config: JsonObject | undefined;
};

export type OpencodeConfig = Awaited<ReturnType<typeof readOpencodeConfig>>;

export const CONTENT = "OPENCODE_CONFIG_CONTENT";

/** Reads the configuration that applies in a folder; what a server may add is not included. */
export async function readOpencodeConfig(location: ConfigLocation, read: Locate) {
  const { variables, home } = location;
  const folder = join(xdgFolder("config", variables, home), "opencode");
  const { folders, denied } = await projectFolders(location, read);
  const dotFolders = new Set([...folders, home].map((at) => join(at, ".opencode")));
  if (variables.OPENCODE_CONFIG_DIR) dotFolders.add(variables.OPENCODE_CONFIG_DIR);
  const namesIn = (at: string, name: string) =>
    ["json", "jsonc"].map((end) => join(at, `${name}.${end}`));
  const places = (name: string, named: string | undefined) => [
    ...namesIn(folder, name),
    ...(named ? [named] : []),
    ...[...folders.toReversed(), ...dotFolders].flatMap((at) => namesIn(at, name)),
  ];
  const readFile = async (path: string): Promise<ConfigFile> => {
    const found = path === CONTENT ? content(variables[CONTENT]) : await read(path);
    // opencode reads an empty file as an empty configuration.
    const config = found.state === "file" ? parseJsonc(found.text || "{}") : undefined;
    return { ...found, config };
  };
  const readAll = async (paths: readonly string[]) =>
    (await Promise.all(paths.map(readFile))).filter(({ state }) => state !== "missing");
  const named = ["OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR"].map(async (name) =>
    variables[name] ? [{ name, ...await read(variables[name]) }] : []
  );
  const files = await readAll([
    join(folder, "config.json"),
    ...places("opencode", variables.OPENCODE_CONFIG),
    CONTENT,
    ...namesIn(managedFolder(location), "opencode"),
  ]);
  return {
    /** The settings of the terminal interface: `TuiConfig` of 1.18.33, and the cli.json of 2.x. */
    tui: await readAll([
      ...namesIn(folder, "cli"),
      ...places("tui", variables.OPENCODE_TUI_CONFIG),
    ]),
    named: (await Promise.all(named)).flat(),
    /** The folder of the user's own configuration. */
    folder,
    /** In ascending precedence. */
    files: [...files, ...denied],
    /** Files that opencode loads as plugins because of their folder. */
    pluginFiles: await findPluginFiles([folder, ...dotFolders], read),
  };
}

/** Lists the working folder and its parents, up to the work tree's root or what Deno denies. */
async function projectFolders({ variables, directory }: ConfigLocation, read: Locate) {
  const folders: string[] = [];
  const denied: ConfigFile[] = [];
  for (let at = directory; !variables.OPENCODE_DISABLE_PROJECT_CONFIG; at = dirname(at)) {
    const git = await read(join(at, ".git"));
    if (git.state === "denied" && at !== directory) {
      denied.push({ ...git, path: at, config: undefined });
      break;
    }
    folders.push(at);
    if (git.state === "file" || git.state === "folder" || at === dirname(at)) break;
  }
  return { folders, denied };
}

/** Source: opencode `ConfigManaged.managedConfigDir`. */
function managedFolder({ platform, variables }: ConfigLocation): string {
  if (platform === "darwin") return "/Library/Application Support/opencode";
  if (platform !== "win32") return "/etc/opencode";
  return join(variables.ProgramData || "C:\\ProgramData", "opencode");
}

function content(text: string | undefined): Located {
  return text
    ? { path: CONTENT, state: "file", text, mode: undefined, modified: 0 }
    : { path: CONTENT, state: "missing" };
}

/** Source: opencode `ConfigPlugin.load`: `{plugin,plugins}/*.{ts,js}`. */
async function findPluginFiles(folders: readonly string[], read: Locate) {
  const places = folders.flatMap((at) => [join(at, "plugin"), join(at, "plugins")]);
  const found = (await Promise.all(places.map(read))).flatMap((place) =>
    place.state === "folder" ? place.names.map((name) => join(place.path, name)) : []
  );
  return found.filter((path) => /\.[jt]s$/.test(path));
}
