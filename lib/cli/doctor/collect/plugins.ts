/**
 * Which plugins opencode's configuration lists, and which version of them is installed.
 *
 * @see opencode 1.18.33 `ConfigPlugin`, `PluginShared`, `Npm.add`
 * @module
 */

import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseObject, text } from "../../../kimi/util/json.ts";
import { type Setting, settingsOf } from "./config_values.ts";
import { withoutUser } from "../report/redact.ts";
import { CONTENT, type OpencodeConfig } from "./opencode_config.ts";
import type { Look } from "./path_state.ts";

/** Name of this project's npm package. */
export const PACKAGE = "opencode-kimi-full";

/** Other published plugins that log in to Kimi for opencode, and the provider that each one is for. */
export const OTHER_PLUGINS: Readonly<Record<string, string>> = {
  "opencode-kimi-oauth": "kimi-for-coding-oauth",
  "opencode-kimi-subscription": "kimi-code",
  "opencode-kimi-auth": "kimi-for-coding",
  "@openprojectx/opencode-kimi-auth": "kimi-for-coding",
  "@itssimplereally/opencode-kimicode-auth": "moonshotai",
  "opencode-kimi-rotator": "kimi-for-coding",
};

/** A plugin that the configuration lists, or that lies in one of its folders. */
export interface Plugin {
  /** As it is listed. */
  readonly spec: string;
  /** Where it is listed. */
  readonly where: string;
  /** Name of its package, or of its file where it has none. */
  readonly name: string;
  /** The version that its spec asks for; absent for a path. */
  readonly asked?: string;
  /** The version that is installed; absent where none is, or it cannot be told. */
  readonly installed?: string;
  /** Flag of the missing permission where it may not be looked at. */
  readonly denied?: string;
  /** Its options. */
  readonly options?: unknown;
}

/**
 * Finds the plugins.
 *
 * @param config The configuration.
 * @param cache opencode's cache folder.
 * @param look Looks at a path.
 * @returns The plugins, in the configuration's order.
 */
export async function findPlugins(
  config: OpencodeConfig,
  cache: string,
  look: Look,
): Promise<readonly Plugin[]> {
  const listed = settingsOf(config, ({ plugin }) => Array.isArray(plugin) ? plugin : []);
  const found = await Promise.all(listed.map((entry) => readPlugin(entry, cache, look)));
  const files = config.pluginFiles.map((path) => ({ spec: path, where: path, name: lastOf(path) }));
  return [...found.flat(), ...files];
}

async function readPlugin(
  { value, where }: Setting<unknown>,
  cache: string,
  look: Look,
): Promise<readonly Plugin[]> {
  const [first, options] = Array.isArray(value) ? value : [value];
  const spec = text(first);
  if (spec === undefined) return [];
  const listed = { spec: withoutUser(spec), where, ...(options === undefined ? {} : { options }) };
  const path = pathOf(spec, where);
  if (path !== undefined) return [{ ...listed, ...await packageAt(path, look) }];
  const [, name = spec, version] = /^((?:@[^/]+\/)?[^@]+)(?:@(.+))?$/.exec(spec) ?? [];
  // Source: opencode `Npm.add`; on Windows it replaces what no file's name may hold.
  const folder = version === undefined ? `${name}@latest` : spec;
  const manifest = await look(
    join(cache, "packages", folder, "node_modules", name, "package.json"),
  );
  const installed = manifest.state === "file" ? versionIn(manifest.text) : undefined;
  return [{
    ...listed,
    name,
    asked: version ?? "latest",
    ...(installed === undefined ? {} : { installed }),
    ...(manifest.state === "denied" ? { denied: manifest.flag } : {}),
  }];
}

/** A path in a spec is relative to the file that lists it. */
function pathOf(spec: string, where: string): string | undefined {
  if (spec.startsWith("file://")) return URL.canParse(spec) ? fileURLToPath(spec) : undefined;
  if (isAbsolute(spec) || /^[A-Za-z]:[\\/]/.test(spec)) return spec;
  if (!spec.startsWith(".")) return undefined;
  return where === CONTENT ? resolve(spec) : resolve(dirname(where), spec);
}

/** The package that a path belongs to: the folder itself, or the one above a file's. */
async function packageAt(
  path: string,
  look: Look,
): Promise<Pick<Plugin, "name" | "installed" | "denied">> {
  for (const folder of [path, dirname(path), dirname(dirname(path))]) {
    const manifest = await look(join(folder, "package.json"));
    if (manifest.state === "denied") return { name: nameIn(path), denied: manifest.flag };
    const name = manifest.state === "file" ? text(parseObject(manifest.text)?.name) : undefined;
    if (manifest.state !== "file" || name === undefined) continue;
    const installed = versionIn(manifest.text);
    return { name, ...(installed === undefined ? {} : { installed }) };
  }
  return { name: nameIn(path) };
}

/** What a path says of a package that cannot be read. */
function nameIn(path: string): string {
  const parts = path.split(/[\\/]/);
  const known = [PACKAGE, ...Object.keys(OTHER_PLUGINS)];
  return known.find((name) => parts.some((part) => part === name)) ?? lastOf(path);
}

function lastOf(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}

function versionIn(manifest: string): string | undefined {
  return text(parseObject(manifest)?.version);
}

/**
 * Whether a plugin is another one for Kimi.
 *
 * @param plugin A plugin.
 * @returns Whether it is known to log in to Kimi, or its name says so.
 */
export function isOtherKimiPlugin({ name }: Plugin): boolean {
  if (name === PACKAGE) return false;
  return Object.hasOwn(OTHER_PLUGINS, name) || /kimi.*(?:auth|code|full|rotator|sub)/i.test(name);
}

/**
 * Compares two versions by their three numbers.
 *
 * @param one A version.
 * @param other A version.
 * @returns Below 0 where the first is older, above 0 where it is newer, 0 where they are equal or one
 * cannot be read.
 */
export function compareVersions(one: string, other: string): number {
  const numbers = (version: string) => /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  const [left, right] = [numbers(one), numbers(other)];
  if (left === undefined || right === undefined) return 0;
  return left.map((part, index) => part - (right[index] ?? 0)).find((step) => step !== 0) ?? 0;
}
