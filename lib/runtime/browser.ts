/**
 * The user's browser, started without a shell.
 *
 * @module
 */

import type { Variables } from "../kimi/chat/env_settings.ts";
import { denoApi } from "./deno.ts";

/** A program and its arguments. */
export type Program = readonly [name: string, ...args: readonly string[]];

/** What opens a URL, by `process.platform`; freedesktop.org's on all that are not listed. */
const OPENERS: Readonly<Record<string, Program>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};
const FREEDESKTOP: Program = ["xdg-open"];

/**
 * Whether a browser that is opened here would be seen: not over SSH, where it would open on another
 * machine, nor without a display.
 *
 * @param platform `process.platform`.
 * @param variables The environment.
 * @returns Whether to open one.
 */
export function seesBrowser(platform: string, variables: Variables): boolean {
  if (variables.SSH_CONNECTION || variables.SSH_CLIENT || variables.SSH_TTY) return false;
  if (OPENERS[platform] !== undefined) return true;
  return Boolean(variables.DISPLAY || variables.WAYLAND_DISPLAY);
}

/**
 * How to open a URL in the user's browser.
 *
 * @param url A https URL.
 * @param platform `process.platform`.
 * @returns The program.
 * @example
 * ```ts
 * import { browserProgram } from "./browser.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const url = "https://www.kimi.com/?a=1&b=2";
 * assertEquals(browserProgram(url, "darwin"), ["open", url]);
 * ```
 */
export function browserProgram(url: string, platform: string): Program {
  return [...(OPENERS[platform] ?? FREEDESKTOP), url];
}

/**
 * Starts a program that goes on by itself: neither its end nor Ctrl-C concerns both.
 *
 * @param program The program; no shell reads it.
 * @throws {Error} Where it cannot be started.
 */
export async function startProgram([name, ...args]: Program): Promise<void> {
  const deno = denoApi();
  if (deno !== undefined) {
    const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
    return new deno.Command(name, { args, ...streams, detached: true }).spawn().unref();
  }
  const { spawn } = await import("node:child_process");
  const child = spawn(name, args, { detached: true, stdio: "ignore" });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  child.unref();
}
