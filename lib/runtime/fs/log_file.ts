/** A log of the plugin's own, for a host that has none for plugins. */

import { homedir } from "node:os";
import type { Environment, LogLevel } from "../../client/environment.ts";
import { ownProcess } from "../globals.ts";
import { makeFolders } from "./errors.ts";
import { xdgFolder } from "./xdg.ts";

/** The file begins anew when it is longer. */
const MAX_BYTES = 262_144;

/** How many different lines are remembered, so that each is written once. */
const MAX_LINES = 512;

/** The path of the log. */
export function logPath(variables: Environment["variables"], home: string): string {
  return `${xdgFolder("cache", variables, home)}/opencode-kimi-full/opencode-2.log`;
}

/** Makes a function that appends lines, except those of level `debug`; a line that cannot be written is lost. */
export function openLog(
  path: string = logPath(ownProcess().env, homedir()),
  now: () => Date = () => new Date(),
): Environment["log"] {
  const written = new Set<string>();
  let last = Promise.resolve();
  return (level, message) => {
    const line = `${level}: ${message}`;
    if (level === "debug" || written.has(line)) return;
    if (written.size >= MAX_LINES) written.clear();
    written.add(line);
    const text = `${now().toISOString()} ${oneLine(level, message)}\n`;
    last = last.then(() => append(path, text)).catch(() => {});
  };
}

function oneLine(level: LogLevel, message: string): string {
  return `${level}: ${message.replace(/\s+/g, " ")}`;
}

async function append(path: string, text: string): Promise<void> {
  const { appendFile, stat, writeFile } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  await makeFolders(dirname(path));
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  const write = size > MAX_BYTES ? writeFile : appendFile;
  await write(path, text, { mode: 0o600 });
}
