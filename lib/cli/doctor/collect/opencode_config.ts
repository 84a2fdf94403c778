/**
 * Where opencode's configuration lies, and what it says. Read in the binaries of 1.14.34 and 1.18.33
 * (`Config.loadInstanceState`, `ConfigPaths`), and seen by strace.
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { JsonObject } from "../../../kimi/util/json.ts";
import type { Variables } from "../../../kimi/chat/env_settings.ts";
import { parseJsonc } from "./jsonc.ts";
import type { Look, Sighting } from "./path_state.ts";

/** What the reading needs. */
export interface ConfigReach {
  /** The environment. */
  readonly variables: Variables;
  /** The user's home folder. */
  readonly home: string;
  /** The working folder. */
  readonly directory: string;
  /** `process.platform`. */
  readonly platform: string;
  /** Looks at a path. */
  readonly look: Look;
}

/** One place of the configuration at which there is something, or may be. */
export interface ConfigSource {
  /** Its path, or the name of a variable. */
  readonly where: string;
  /** What was seen there; never `missing`. */
  readonly sighting: Sighting;
  /** What it says; undefined where it cannot be read or is no JSON object. */
  readonly config: JsonObject | undefined;
}

/** opencode's configuration. */
export interface OpencodeConfig {
  /** The folder of the user's own configuration. */
  readonly folder: string;
  /** Its places, the weakest first. */
  readonly sources: readonly ConfigSource[];
  /** Files that opencode loads as plugins since they lie where they do. */
  readonly pluginFiles: readonly string[];
}

/** Name of the place where the configuration stands in the environment. */
export const CONTENT = "OPENCODE_CONFIG_CONTENT";

const NAMES = ["opencode.json", "opencode.jsonc"];

/** Source: opencode `ConfigManaged.managedConfigDir`. */
function managedFolder(platform: string, variables: Variables): string {
  if (platform === "darwin") return "/Library/Application Support/opencode";
  if (platform !== "win32") return "/etc/opencode";
  return join(variables.ProgramData || "C:\\ProgramData", "opencode");
}

/**
 * The folders of opencode, by the package xdg-basedir, which it uses on every system.
 *
 * @param variables The environment.
 * @param home The user's home folder.
 * @returns Folders of its configuration and of its cache.
 */
export function opencodeFolders(
  variables: Variables,
  home: string,
): { readonly config: string; readonly cache: string } {
  return {
    config: join(variables.XDG_CONFIG_HOME || join(home, ".config"), "opencode"),
    cache: join(variables.XDG_CACHE_HOME || join(home, ".cache"), "opencode"),
  };
}

/** Folders of the project, the working folder first: up to the work tree's root, or to the top. */
async function projectFolders({ variables, directory, look }: ConfigReach): Promise<Project> {
  if (variables.OPENCODE_DISABLE_PROJECT_CONFIG) return { folders: [] };
  const folders: string[] = [];
  for (let at = directory;; at = dirname(at)) {
    const git = await look(join(at, ".git"));
    if (git.state === "denied" && at !== directory) {
      return { folders, beyond: { where: at, sighting: git } };
    }
    folders.push(at);
    if (git.state === "file" || git.state === "folder" || at === dirname(at)) return { folders };
  }
}

interface Project {
  readonly folders: readonly string[];
  /** The first folder above that may not be looked at. */
  readonly beyond?: { readonly where: string; readonly sighting: Sighting };
}

/**
 * Reads the configuration that is in force in a folder, without what a server may add.
 *
 * @param reach What is needed.
 * @returns The configuration.
 */
export async function readOpencodeConfig(reach: ConfigReach): Promise<OpencodeConfig> {
  const { variables, home, platform, look } = reach;
  const { config: folder } = opencodeFolders(variables, home);
  const { folders, beyond } = await projectFolders(reach);
  const below = (name: string) => (at: string) => join(at, name);
  const dotFolders = new Set([...folders, home].map(below(".opencode")));
  if (variables.OPENCODE_CONFIG_DIR) dotFolders.add(variables.OPENCODE_CONFIG_DIR);
  const files = [
    ...["config.json", ...NAMES].map((name) => join(folder, name)),
    ...(variables.OPENCODE_CONFIG ? [variables.OPENCODE_CONFIG] : []),
    ...folders.toReversed().flatMap((at) => NAMES.map((name) => join(at, name))),
    ...[...dotFolders].flatMap((at) => NAMES.map((name) => join(at, name))),
  ];
  const managed = NAMES.map((name) => join(managedFolder(platform, variables), name));
  const sources = [
    ...await Promise.all(files.map((path) => readSource(look, path))),
    ...contentSource(variables[CONTENT]),
    ...await Promise.all(managed.map((path) => readSource(look, path))),
    ...(beyond === undefined ? [] : [{ ...beyond, config: undefined }]),
  ];
  return {
    folder,
    sources: sources.filter(({ sighting }) => sighting.state !== "missing"),
    pluginFiles: await pluginFiles(look, [folder, ...dotFolders]),
  };
}

async function readSource(look: Look, where: string): Promise<ConfigSource> {
  const sighting = await look(where);
  const config = sighting.state !== "file"
    ? undefined
    // opencode takes an empty file for an empty configuration.
    : sighting.text === ""
    ? {}
    : parseJsonc(sighting.text);
  return { where, sighting, config };
}

function contentSource(text: string | undefined): readonly ConfigSource[] {
  if (text === undefined || text === "") return [];
  const sighting = { state: "file", text, isUtf8: true, mode: undefined, modified: 0 } as const;
  return [{ where: CONTENT, sighting, config: parseJsonc(text) }];
}

/** Source: opencode `ConfigPlugin.load`: `{plugin,plugins}/*.{ts,js}`. */
async function pluginFiles(look: Look, folders: readonly string[]): Promise<readonly string[]> {
  const places = folders.flatMap((at) => [join(at, "plugin"), join(at, "plugins")]);
  const found = await Promise.all(places.map(async (place) => {
    const sighting = await look(place);
    if (sighting.state !== "folder") return [];
    return sighting.names.filter((name) => /\.[jt]s$/.test(name)).map((name) => join(place, name));
  }));
  return found.flat();
}
