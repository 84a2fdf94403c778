/** Reads this machine for doctor. It changes nothing and sends nothing. */

import { dirname, join, resolve } from "node:path";
import type { Environment } from "../../../client/environment.ts";
import type { ClientName } from "../../../kimi/identity/constants.ts";
import { parseObject, text } from "../../../kimi/util/json.ts";
import type { readDeviceFacts } from "../../../runtime/device/facts.ts";
import { shareDirectory } from "../../../runtime/device/device_id.ts";
import { LOCK_NAME } from "../../../runtime/fs/atomic_file.ts";
import { opencodeDataDirectory, xdgFolder } from "../../../runtime/fs/xdg.ts";
import { denialOf } from "../../shared/deno_permissions.ts";
import type { Lookup } from "../../shared/network_advice.ts";
import type { Variables } from "../../../kimi/chat/env_settings.ts";
import { DOCTOR_VARIABLES } from "../../shared/permissions.ts";
import { child } from "./config_values.ts";
import type { readCredentialRows } from "./credential_rows.ts";
import { readOpencodeConfig } from "./opencode_config.ts";
import type { canWrite, Locate, readPath } from "./path_state.ts";
import { createCachedReader, textAt } from "./path_state.ts";
import { findPlugins } from "./plugins.ts";
import type { findPrograms } from "./programs.ts";

/** The parts of a machine that doctor reads, and its network. */
export interface DoctorDeps extends Pick<Environment, "fetch" | "now"> {
  readonly variable: (name: string) => string | undefined;
  readonly home: () => string;
  /** The working folder. */
  readonly directory: string;
  /** `process.platform`. */
  readonly platform: string;
  /** `process.versions`. */
  readonly versions: Variables;
  /** A file to read the login from, in place of opencode's. */
  readonly authFile?: string | undefined;
  readonly readPath: typeof readPath;
  readonly canWrite: typeof canWrite;
  readonly findPrograms: typeof findPrograms;
  readonly credentialRows: typeof readCredentialRows;
  readonly deviceFacts: typeof readDeviceFacts;
  readonly lookup: Lookup;
}

export interface MissingPermission {
  readonly what: string;
  readonly flag: string;
  /** Whether the flag is one of those that `doctor --help` lists. */
  readonly isExpected: boolean;
}

export type Machine = Awaited<ReturnType<typeof readMachine>>;

/** Without it, the paths of all other files are unknown. */
export const HOME_FOLDER = "the home folder, and every file";

/** Reads the machine; each access that Deno denies is listed in the result. */
export async function readMachine(deps: DoctorDeps) {
  const { directory, platform, authFile, versions } = deps;
  const denied: MissingPermission[] = [];
  const everything = recorder(denied);
  const facts = await readFacts(deps, everything);
  const { variables, home } = facts;
  const flag = denied.find(({ what }) => what === HOME_FOLDER)?.flag;
  const attempt: typeof everything = async (what, read) =>
    flag === undefined ? await everything(what, read) : undefined;
  const read = createCachedReader(async (path) =>
    flag === undefined ? await deps.readPath(path) : { state: "denied", flag }
  );
  const opencodeData = opencodeDataDirectory(variables, home);
  const data = authFile === undefined ? opencodeData : dirname(authFile);
  const config = await readOpencodeConfig({ variables, home, directory, platform }, read);
  const cache = join(xdgFolder("cache", variables, home), "opencode");
  const database = resolve(opencodeData, variables.OPENCODE_DB || "opencode.db");
  const programs = (name: string) => attempt(`the program ${name}`, () => deps.findPrograms(name));
  const [opencodes, kimis, rows] = await Promise.all([
    programs("opencode"),
    programs("kimi"),
    attempt(database, () => deps.credentialRows(database)),
  ]);
  return {
    ...{ ...facts, denied, now: deps.now(), directory, versions, config },
    ...{ opencodes, kimis, database, rows },
    devices: await readDevices(variables, home, read),
    isNamedFile: authFile !== undefined,
    isDataWritable: await attempt(`whether ${data} can be written`, () => deps.canWrite(data)),
    auth: await read(authFile ?? join(data, "auth.json")),
    lock: await read(join(data, LOCK_NAME)),
    plugins: await findPlugins(config, cache, read),
    tuiPlugins: await findPlugins({ ...config, files: config.tui, pluginFiles: [] }, cache, read),
    /** The release of opencode that ran last; undefined if it is unknown. */
    opencodeVersion: await readOpencodeVersion(config.folder, read),
  };
}

async function readDevices(variables: Variables, home: string, read: Locate) {
  const device = async (client: ClientName) => {
    const path = shareDirectory(variables, home, client);
    return { share: await read(path), deviceId: await read(join(path, "device_id")) };
  };
  return {
    "kimi-cli": await device("kimi-cli"),
    "kimi-code": await device("kimi-code"),
    opencode: await device("opencode"),
  } satisfies Record<ClientName, unknown>;
}

/** Lists what Deno denies to read, and goes on without it. */
function recorder(denied: MissingPermission[]) {
  return async <T>(what: string, read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      const denial = denialOf(error);
      if (denial === undefined) throw error;
      const target = denial.target && `=${denial.target.replaceAll('"', "")}`;
      return void denied.push({ what, flag: `${denial.flag}${target ?? ""}`, isExpected: true });
    }
  };
}

/** Reads everything that is not a file. */
async function readFacts(
  { platform, variable, home, deviceFacts, versions }: DoctorDeps,
  attempt: ReturnType<typeof recorder>,
) {
  const variables: Record<string, string | undefined> = {};
  const more = [
    ...platform === "win32" ? ["ProgramData"] : [],
    // Deno, which uses proxies, would ask for it.
    ...versions.deno === undefined ? ["NODE_USE_ENV_PROXY"] : [],
  ];
  for (const name of [...DOCTOR_VARIABLES, ...more]) {
    variables[name] = await attempt(name, () => variable(name));
  }
  return {
    variables,
    home: await attempt(HOME_FOLDER, home) ?? "~",
    device: await attempt("the facts of this machine", deviceFacts),
  };
}

/** At each start, opencode installs the package of its own release beside its configuration. */
async function readOpencodeVersion(folder: string, read: Locate): Promise<string | undefined> {
  const name = "@opencode-ai/plugin";
  const manifest = async (...parts: readonly string[]) =>
    parseObject(textAt(await read(join(folder, ...parts, "package.json"))));
  return text((await manifest("node_modules", name))?.version) ??
    text(child(await manifest(), "dependencies")[name]);
}
