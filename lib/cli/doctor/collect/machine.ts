/**
 * What doctor looks at on this machine. Nothing is changed, and nothing is sent.
 *
 * @module
 */

import { join } from "node:path";
import type { DeviceFacts } from "../../../kimi/identity/fingerprint.ts";
import { parseObject, text } from "../../../kimi/util/json.ts";
import type { Variables } from "../../../kimi/chat/env_settings.ts";
import { shareDirectory } from "../../../runtime/device/device_id.ts";
import { LOCK_NAME, opencodeDataDirectory } from "../../../runtime/fs/atomic_file.ts";
import { child } from "./config_values.ts";
import { type OpencodeConfig, opencodeFolders, readOpencodeConfig } from "./opencode_config.ts";
import { denialOf } from "../../shared/deno_permissions.ts";
import { findPlugins, type Plugin } from "./plugins.ts";
import { type Look, lookingOnce, type Sighting } from "./path_state.ts";

/** How doctor looks at the machine. */
export interface Reach {
  /** Gives an environment variable. */
  readonly variable: (name: string) => string | undefined;
  /** Gives the user's home folder. */
  readonly home: () => string;
  /** The working folder. */
  readonly directory: string;
  /** `process.platform`. */
  readonly platform: string;
  /** Looks at a path. */
  readonly look: Look;
  /** Reads the facts of the device. */
  readonly deviceFacts: () => Promise<DeviceFacts>;
  /** Time in milliseconds since 1970. */
  readonly now: () => number;
}

/** What could not be looked at, since a permission is missing. */
export interface NotLookedAt {
  /** What. */
  readonly what: string;
  /** The flag that is missing. */
  readonly flag: string;
}

/** A path and what was seen there. */
export interface Seen {
  /** The path. */
  readonly path: string;
  /** What was seen. */
  readonly sighting: Sighting;
}

/** What was seen of the machine. */
export interface Machine {
  /** When, in milliseconds since 1970. */
  readonly now: number;
  /** The user's home folder; empty where it may not be known. */
  readonly home: string;
  /** The working folder. */
  readonly directory: string;
  /** The variables of {@linkcode VARIABLES}. */
  readonly variables: Variables;
  /** The facts of the device. */
  readonly device: DeviceFacts | undefined;
  /** The folder that kimi-cli shares between its processes. */
  readonly share: Seen;
  /** The device id in it. */
  readonly deviceId: Seen;
  /** opencode's auth.json. */
  readonly auth: Seen;
  /** The lock beside it. */
  readonly lock: Seen;
  /** Who holds that. */
  readonly lockOwner: Seen;
  /** opencode's configuration. */
  readonly config: OpencodeConfig;
  /** Its plugins. */
  readonly plugins: readonly Plugin[];
  /** The release of opencode that ran last; undefined where nothing tells. */
  readonly opencodeVersion: string | undefined;
  /** What could not be looked at beside files. */
  readonly denied: readonly NotLookedAt[];
}

/** The environment variables that are read. */
export const VARIABLES: readonly string[] = [
  "KIMI_CODE_OAUTH_HOST",
  "KIMI_OAUTH_HOST",
  "KIMI_CODE_BASE_URL",
  "KIMI_SHARE_DIR",
  "KIMI_MODEL_MAX_COMPLETION_TOKENS",
  "KIMI_MODEL_MAX_TOKENS",
  "KIMI_MODEL_TEMPERATURE",
  "KIMI_MODEL_TOP_P",
  "KIMI_MODEL_THINKING_KEEP",
  "OPENCODE_AUTH_CONTENT",
  "OPENCODE_CONFIG",
  "OPENCODE_CONFIG_CONTENT",
  "OPENCODE_CONFIG_DIR",
  "OPENCODE_DISABLE_PROJECT_CONFIG",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
];

/** Of Windows alone, where opencode's administrators keep its configuration. */
const PROGRAM_DATA = "ProgramData";

/**
 * Looks at the machine.
 *
 * @param reach How.
 * @returns What was seen.
 */
export async function lookAtMachine(reach: Reach): Promise<Machine> {
  const denied: NotLookedAt[] = [];
  const attempt = <T>(what: string, run: () => T): T | undefined => {
    try {
      return run();
    } catch (error) {
      return void denied.push(missingFlag(what, error));
    }
  };
  const { directory, platform, deviceFacts } = reach;
  const names = platform === "win32" ? [...VARIABLES, PROGRAM_DATA] : VARIABLES;
  const variables = Object.fromEntries(
    names.map((name) => [name, attempt(name, () => reach.variable(name))]),
  );
  const home = attempt("the home folder", reach.home);
  const look = lookingOnce(
    home === undefined ? unknownHome(denied.at(-1)?.flag ?? "") : reach.look,
  );
  const see = async (...parts: readonly string[]): Promise<Seen> => {
    const path = join(...parts);
    return { path, sighting: await look(path) };
  };
  const data = opencodeDataDirectory(variables, home ?? "");
  const share = shareDirectory(variables, home ?? "");
  const place = { variables, home: home ?? "", directory, platform };
  const config = await readOpencodeConfig({ ...place, look });
  return {
    now: reach.now(),
    home: place.home,
    directory,
    variables,
    device: await deviceFacts().catch((error: unknown) => {
      return void denied.push(missingFlag("the facts of this machine", error));
    }),
    share: await see(share),
    deviceId: await see(share, "device_id"),
    auth: await see(data, "auth.json"),
    lock: await see(data, LOCK_NAME),
    lockOwner: await see(data, LOCK_NAME, "owner"),
    config,
    plugins: await findPlugins(config, opencodeFolders(variables, place.home).cache, look),
    opencodeVersion: await opencodeVersion(config.folder, look),
    denied,
  };
}

/** Where the home folder is not known, its files are not looked at. */
function unknownHome(flag: string): Look {
  return () => Promise.resolve({ state: "denied", flag });
}

function missingFlag(what: string, error: unknown): NotLookedAt {
  const denial = denialOf(error);
  if (denial === undefined) throw error;
  const { flag, target } = denial;
  return { what, flag: target === undefined ? flag : `${flag}=${target.replaceAll('"', "")}` };
}

/** At each start opencode puts the package of its own release beside its configuration. */
async function opencodeVersion(folder: string, look: Look): Promise<string | undefined> {
  const name = "@opencode-ai/plugin";
  const manifest = async (...parts: readonly string[]) => {
    const sighting = await look(join(folder, ...parts, "package.json"));
    return sighting.state === "file" ? parseObject(sighting.text) : undefined;
  };
  return text((await manifest("node_modules", name))?.version) ??
    text(child(await manifest(), "dependencies")[name]);
}
