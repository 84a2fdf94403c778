/** Reads this machine for doctor. It changes nothing and sends nothing. */

import { dirname, join } from "node:path";
import type { Environment } from "../../../client/environment.ts";
import type { DeviceFacts } from "../../../kimi/identity/fingerprint.ts";
import { parseObject, text } from "../../../kimi/util/json.ts";
import { shareDirectory } from "../../../runtime/device/device_id.ts";
import { LOCK_NAME } from "../../../runtime/fs/atomic_file.ts";
import { opencodeDataDirectory, xdgFolder } from "../../../runtime/fs/xdg.ts";
import { denialOf } from "../../shared/deno_permissions.ts";
import { DOCTOR_VARIABLES } from "../../shared/permissions.ts";
import { child } from "./config_values.ts";
import { readOpencodeConfig } from "./opencode_config.ts";
import { createCachedReader, type Locate, type ReadPath } from "./path_state.ts";
import { findPlugins } from "./plugins.ts";

/** The parts of a machine that doctor reads, and its network. */
export interface DoctorDeps extends Pick<Environment, "fetch" | "now"> {
  readonly variable: (name: string) => string | undefined;
  readonly home: () => string;
  /** The working folder. */
  readonly directory: string;
  /** `process.platform`. */
  readonly platform: string;
  /** A file to read the login from, in place of opencode's. */
  readonly authFile?: string | undefined;
  readonly readPath: ReadPath;
  /** Resolves to undefined if it is unknown. */
  readonly canWrite?: (path: string) => Promise<boolean | undefined>;
  readonly deviceFacts: () => Promise<DeviceFacts>;
  /** Resolves the name of a host; rejects if it is unknown. */
  readonly lookup: (host: string) => Promise<unknown>;
}

/** Something that doctor could not read because Deno denied it. */
export interface MissingPermission {
  readonly what: string;
  readonly flag: string;
  /** Whether the flag is one of those that `doctor --help` lists. */
  readonly isExpected: boolean;
}

/** The state of a machine. */
export type Machine = Awaited<ReturnType<typeof readMachine>>;

const HOME_FOLDER = "the home folder";

/** Reads the machine; each access that Deno denies is listed in the result. */
export async function readMachine(deps: DoctorDeps) {
  const { directory, platform } = deps;
  const facts = await readFacts(deps);
  const { variables, home } = facts;
  const flag = facts.denied.find(({ what }) => what === HOME_FOLDER)?.flag;
  // Without the home folder, the paths of all files are unknown.
  const read = createCachedReader(
    flag === undefined ? deps.readPath : () => Promise.resolve({ state: "denied", flag }),
  );
  const data = deps.authFile === undefined
    ? opencodeDataDirectory(variables, home)
    : dirname(deps.authFile);
  const share = shareDirectory(variables, home);
  const config = await readOpencodeConfig({ variables, home, directory, platform }, read);
  const cache = join(xdgFolder("cache", variables, home), "opencode");
  return {
    ...facts,
    now: deps.now(),
    directory,
    /** kimi-cli's folder, in which it keeps the device id. */
    share: await read(share),
    deviceId: await read(join(share, "device_id")),
    isNamedFile: deps.authFile !== undefined,
    isDataWritable: await deps.canWrite?.(data),
    auth: await read(deps.authFile ?? join(data, "auth.json")),
    lock: await read(join(data, LOCK_NAME)),
    lockOwner: await read(join(data, LOCK_NAME, "owner")),
    config,
    plugins: await findPlugins(config, cache, read),
    /** The release of opencode that ran last; undefined if it is unknown. */
    opencodeVersion: await readOpencodeVersion(config.folder, read),
  };
}

/** Reads everything that is not a file. */
async function readFacts({ platform, variable, home, deviceFacts }: DoctorDeps) {
  const denied: MissingPermission[] = [];
  const attempt = async <T>(what: string, read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      const denial = denialOf(error);
      if (denial === undefined) throw error;
      const target = denial.target && `=${denial.target.replaceAll('"', "")}`;
      return void denied.push({ what, flag: `${denial.flag}${target ?? ""}`, isExpected: true });
    }
  };
  const variables: Record<string, string | undefined> = {};
  for (const name of [...DOCTOR_VARIABLES, ...platform === "win32" ? ["ProgramData"] : []]) {
    variables[name] = await attempt(name, () => variable(name));
  }
  return {
    variables,
    home: await attempt(HOME_FOLDER, home) ?? "",
    device: await attempt("the facts of this machine", deviceFacts),
    denied,
  };
}

/** At each start, opencode installs the package of its own release beside its configuration. */
async function readOpencodeVersion(folder: string, read: Locate): Promise<string | undefined> {
  const name = "@opencode-ai/plugin";
  const manifest = async (...parts: readonly string[]) => {
    const file = await read(join(folder, ...parts, "package.json"));
    return file.state === "file" ? parseObject(file.text) : undefined;
  };
  return text((await manifest("node_modules", name))?.version) ??
    text(child(await manifest(), "dependencies")[name]);
}
