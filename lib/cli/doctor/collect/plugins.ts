/** Finds the plugins of opencode's configuration. Source: opencode 1.18.33 `PluginShared`, `Npm.add`. */

import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseObject, text } from "../../../kimi/util/json.ts";
import { withoutUserInfo } from "../../../kimi/util/redact.ts";
import { findValues } from "./config_values.ts";
import { CONTENT, type OpencodeConfig } from "./opencode_config.ts";
import type { Locate } from "./path_state.ts";

/** Name of this project's npm package. */
export const PACKAGE = "opencode-kimi-full";

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
export interface Plugin extends Package {
  /** The entry of the list, or the path of the file. */
  readonly spec: string;
  /** The file that lists it, or the path of the file itself. */
  readonly where: string;
  readonly options?: unknown;
}

interface Package {
  /** The package, or the file if it is not in a package. */
  readonly name: string;
  /** The version that the entry asks for; undefined for a path. */
  readonly asked?: string | undefined;
  /** Undefined if it is not installed, or unknown. */
  readonly installed?: string | undefined;
  /** The missing flag, if Deno does not allow to read the package. */
  readonly denied?: string | undefined;
}

/** Finds the plugins, in the configuration's order. */
export async function findPlugins(config: OpencodeConfig, cache: string, read: Locate) {
  const listed = findValues(config, ({ plugin }) => Array.isArray(plugin) ? plugin : []);
  const found = await Promise.all(listed.map(async ({ value, source: where }) => {
    const [first, options] = Array.isArray(value) ? value : [value];
    const spec = text(first);
    if (spec === undefined) return [];
    const path = pathOf(spec, where);
    const manifest =
      await (path === undefined ? packageIn(cache, spec, read) : packageAt(path, read));
    return [{ spec: withoutUserInfo(spec), where, options, ...manifest }];
  }));
  const files = config.pluginFiles.map((path) => ({ spec: path, where: path, name: lastOf(path) }));
  const all: readonly Plugin[] = [...found.flat(), ...files];
  return all;
}

/** Finds a package that opencode installed. */
async function packageIn(cache: string, spec: string, read: Locate): Promise<Package> {
  const [, name = spec, version] = /^((?:@[^/]+\/)?[^@]+)(?:@(.+))?$/.exec(spec) ?? [];
  // Source: opencode `Npm.add`; on Windows it also replaces characters that file names cannot have.
  const folder = version === undefined ? `${name}@latest` : spec;
  const manifest = join(cache, "packages", folder, "node_modules", name, "package.json");
  return { ...await readManifest(manifest, read), name, asked: version ?? "latest" };
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
  const manifest = file.state === "file" ? parseObject(file.text) : undefined;
  const denied = file.state === "denied" ? file.flag : undefined;
  return { name: text(manifest?.name), installed: text(manifest?.version), denied };
}

/** Finds the package that a path belongs to: its own folder, or one of the two above a file. */
async function packageAt(path: string, read: Locate): Promise<Package> {
  for (const folder of [path, dirname(path), dirname(dirname(path))]) {
    const { name, installed, denied } = await readManifest(join(folder, "package.json"), read);
    if (denied !== undefined) return { name: nameIn(path), denied };
    if (name !== undefined) return { name, installed };
  }
  return { name: nameIn(path) };
}

/** Guesses the package from a path whose package.json cannot be read. */
function nameIn(path: string): string {
  const parts = path.split(/[\\/]/);
  return [PACKAGE, ...Object.keys(OTHER_PLUGINS)].find((name) => parts.includes(name)) ??
    lastOf(path);
}

function lastOf(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}

/** Whether a plugin is known to log in to Kimi, or its name suggests it. */
export function isOtherKimiPlugin({ name }: Plugin): boolean {
  if (name === PACKAGE) return false;
  return Object.hasOwn(OTHER_PLUGINS, name) || /kimi.*(?:auth|code|full|rotator|sub)/i.test(name);
}
