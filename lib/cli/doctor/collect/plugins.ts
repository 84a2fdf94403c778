/** Finds the plugins of opencode's configuration. Source: opencode 1.18.33 `PluginShared`, `Npm.add`. */

import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PACKAGE_NAME, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { isObject, type JsonObject, parseObject, text } from "../../../kimi/util/json.ts";
import { withoutUserInfo } from "../../../kimi/util/redact.ts";
import { child, findValues } from "./config_values.ts";
import { CONTENT, type OpencodeConfig } from "./opencode_config.ts";
import { type Locate, type Located, textAt } from "./path_state.ts";

/** Other published plugins that log in to Kimi for opencode, and the provider of each. */
export const OTHER_PLUGINS: Readonly<Record<string, string>> = {
  "opencode-kimi-oauth": "kimi-for-coding-oauth",
  "opencode-kimi-subscription": "kimi-code",
  "opencode-kimi-auth": "kimi-for-coding",
  "@openprojectx/opencode-kimi-auth": "kimi-for-coding",
  "@itssimplereally/opencode-kimicode-auth": "moonshotai",
  "opencode-kimi-rotator": "kimi-for-coding",
};

/** A plugin that the configuration lists, or that is in one of its folders. */
export interface Plugin {
  /** The entry of the list, or the path of the file. */
  readonly spec: string;
  /** The file that lists it, or the path of the file itself. */
  readonly where: string;
  readonly options?: unknown;
  /** Whether only opencode 2.x reads the list. */
  readonly isForV2?: boolean;
  /** The package, or the file if it is not in a package. */
  readonly name: string;
  /** The version that the entry asks for; undefined for a path. */
  readonly asked?: string;
  /** Undefined if it is not installed, or unknown. */
  readonly installed?: string | undefined;
  /** Whether opencode has tried to install the package. */
  readonly isTried?: boolean;
  /** What is at the path of the entry. */
  readonly local?: Located;
  /** The file that opencode would load, if it is missing. */
  readonly missing?: string | undefined;
  /** The folder to name instead, if the path names one around or inside the package. */
  readonly better?: string | undefined;
  /** The missing flag, if Deno does not allow to read the package. */
  readonly denied?: string | undefined;
}

type Package = Omit<Plugin, "spec" | "where">;

/** Finds the plugins, in the configuration's order. */
export async function findPlugins(config: OpencodeConfig, cache: string, read: Locate) {
  const listed = findValues(config, entriesIn).map(async ({ value, source: where }) => {
    const { spec, ...entry } = value;
    // opencode 2.x takes it for a plugin that is switched off.
    if (spec === undefined || spec.startsWith("-")) return [];
    const path = pathOf(spec, where);
    const found: Package = isTarball(spec)
      ? { name: PACKAGE_NAME }
      : path === undefined
      ? await packageIn(cache, spec, read)
      : await packageAt(path, read);
    const isTried = found.isTried || (path === undefined && await hasStarted(config, where, read));
    return [{ spec: withoutUserInfo(spec), where, ...entry, ...found, isTried }];
  });
  const files = config.pluginFiles.map(async (path) => [
    { spec: path, where: path, name: basename(path), local: await read(path) },
  ]);
  const all: readonly Plugin[] = (await Promise.all([...listed, ...files])).flat();
  return all;
}

/** Reads `plugin` of opencode 1.x and `plugins` of 2.x, which reads both. */
export function entriesIn({ plugin, plugins }: JsonObject) {
  const read = (list: unknown, isForV2: boolean) =>
    (Array.isArray(list) ? list : []).map((entry: unknown) => {
      const pair = isObject(entry) ? [entry.package, entry.options] : [entry].flat();
      return { spec: text(pair[0]), options: pair[1], isForV2 };
    });
  return [...read(plugin, false), ...read(plugins, true)];
}

/** A package with its scope, and the version that is asked for. */
const PACKAGE_SPEC = /^((?:@[^/]+\/)?[^@]+)(?:@(.+))?$/;

/** Finds a package that opencode installed. */
async function packageIn(cache: string, spec: string, read: Locate): Promise<Package> {
  const [, name = spec, version] = PACKAGE_SPEC.exec(spec) ?? [];
  // Source: opencode `Npm.add`; on Windows it also replaces characters that file names cannot have.
  const folder = version === undefined ? `${name}@latest` : spec;
  const place = join(cache, "packages", folder);
  const manifest = await readManifest(join(place, "node_modules", name, "package.json"), read);
  const { installed, denied } = manifest;
  const isTried = (await read(place)).state === "folder";
  return { installed, denied, name, asked: version ?? "latest", isTried };
}

/** Whether opencode has started since a file was changed: it then writes beside its configuration. */
async function hasStarted({ folder }: OpencodeConfig, where: string, read: Locate) {
  const [list, started] = [await read(where), await read(join(folder, "package.json"))];
  return list.state === "file" && started.state === "file" && list.modified < started.modified;
}

/** Whether an entry is a tarball of this package without the `name@file:` that opencode needs. */
function isTarball(spec: string): boolean {
  return /(?:^|[\\/:])opencode-kimi-full[^\\/]*\.tgz$/.test(spec) &&
    !/^(?:[\w-]+@|https?:)/.test(spec);
}

/** A relative path is relative to the file that lists it. */
function pathOf(spec: string, where: string): string | undefined {
  if (spec.startsWith("file://")) return URL.canParse(spec) ? fileURLToPath(spec) : undefined;
  if (isAbsolute(spec) || /^[A-Za-z]:[\\/]/.test(spec)) return spec;
  if (!spec.startsWith(".")) return undefined;
  return where === CONTENT ? resolve(spec) : resolve(dirname(where), spec);
}

async function readManifest(path: string, read: Locate) {
  const file = await read(path);
  const manifest = parseObject(textAt(file));
  const denied = file.state === "denied" ? file.flag : undefined;
  const entry = text(manifest?.main) ?? text(child(child(manifest, "exports"), "./server").default);
  return { name: text(manifest?.name), installed: text(manifest?.version), denied, entry };
}

/** Finds the package that a path belongs to: its own folder, or one of the two above a file. */
async function packageAt(path: string, read: Locate): Promise<Package> {
  const local = await read(path);
  for (const folder of [path, dirname(path), dirname(dirname(path)), join(path, "npm")]) {
    const at = join(folder, "package.json");
    const { name, installed, denied, entry } = await readManifest(at, read);
    if (denied !== undefined && folder === path) return { name: nameIn(path), local, denied };
    if (name === undefined) continue;
    // opencode looks for the package only in the folder itself, and for a file in those above.
    const isBetter = name === PACKAGE_NAME && folder !== path && local.state === "folder";
    const file = /\.[cm]?[jt]s$/.test(path) ? path : join(folder, entry ?? "");
    const isMissing = entry !== undefined && (await read(file)).state === "missing";
    const faults = { better: isBetter ? folder : undefined, missing: isMissing ? file : undefined };
    return { name, installed, local, ...faults };
  }
  return { name: nameIn(path), local };
}

/** Guesses the package from a path whose package.json cannot be read. */
function nameIn(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== "");
  return [PACKAGE_NAME, ...Object.keys(OTHER_PLUGINS)].find((name) => parts.includes(name)) ??
    parts.at(-1) ?? path;
}

/** Whether a plugin is known to log in to Kimi, or its name or its file suggests it. */
export function isOtherKimiPlugin(plugin: Plugin): boolean {
  if (plugin.name === PACKAGE_NAME) return false;
  return providerOf(plugin) !== undefined ||
    /kimi.*(?:auth|code|full|rotator|sub)/i.test(plugin.name);
}

/** The provider of another plugin for Kimi; that of a file is known by its text. */
export function providerOf({ name, local }: Plugin): string | undefined {
  if (Object.hasOwn(OTHER_PLUGINS, name)) return OTHER_PLUGINS[name];
  const source = local === undefined ? "" : textAt(local);
  // A file that names this package may load it.
  return source.includes(PROVIDER_ID) && !source.includes(PACKAGE_NAME) ? PROVIDER_ID : undefined;
}
