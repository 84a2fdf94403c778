/** Opens pages in the user's browser, without a shell. */

import type { Variables } from "../kimi/chat/env_settings.ts";
import { denoApi } from "./globals.ts";

/** A program and its arguments. */
export type Program = readonly [name: string, ...args: readonly string[]];

/** The program that opens a URL, by `process.platform`. */
const OPENERS: Readonly<Record<string, Program>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** The opener of all other platforms, from freedesktop.org. */
const FREEDESKTOP: Program = ["xdg-open"];

/** Whether the user would see a browser opened here: not over SSH, and not without a display. */
export function canShowBrowser(platform: string, variables: Variables): boolean {
  if (variables.SSH_CONNECTION || variables.SSH_CLIENT || variables.SSH_TTY) return false;
  if (OPENERS[platform] !== undefined) return true;
  return Boolean(variables.DISPLAY || variables.WAYLAND_DISPLAY);
}

/** The program that opens a URL on a platform. */
export function browserProgram(url: string, platform: string): Program {
  return [...(OPENERS[platform] ?? FREEDESKTOP), url];
}

/** Starts a program that outlives this process and does not receive its Ctrl-C. */
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
