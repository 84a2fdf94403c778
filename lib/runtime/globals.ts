/** The globals `Deno` and `process`. */

import type nodeProcess from "node:process";

/** A permission, as `Deno.permissions` takes it. */
type PermissionDescriptor =
  | { readonly name: "read" | "write"; readonly path: string }
  | { readonly name: "net"; readonly host: string }
  | { readonly name: "env"; readonly variable: string }
  | { readonly name: "sys"; readonly kind: "uid" | "gid" }
  | { readonly name: "run" };

/** The state of a permission; `prompt` means that the user has not been asked yet. */
interface PermissionState {
  readonly state: "granted" | "prompt" | "denied";
}

/** Members of the global `Deno`. */
export interface DenoApi {
  /** Whether NO_COLOR is set; reading it needs no permission. */
  readonly noColor: boolean;
  readonly permissions: {
    readonly querySync: (descriptor: PermissionDescriptor) => PermissionState;
    readonly request: (descriptor: PermissionDescriptor) => Promise<PermissionState>;
  };
  /** Unlike `mkdir` of Deno's `node:fs`, this needs no permission for the folders above. */
  readonly mkdir: (
    path: string,
    options: { readonly recursive: boolean; readonly mode: number },
  ) => Promise<void>;
  readonly Command: new (path: string, options: {
    readonly args: readonly string[];
    readonly stdin?: "null";
    readonly stdout?: "null" | "piped";
    readonly stderr?: "null" | "piped";
    readonly detached?: boolean;
    readonly signal?: AbortSignal;
  }) => {
    readonly output: () => Promise<{ readonly stdout: Uint8Array }>;
    readonly spawn: () => { readonly unref: () => void };
  };
}

/** The global `Deno`, or undefined in another runtime. */
export function denoApi(): DenoApi | undefined {
  const { Deno: deno } = globalThis as unknown as { readonly Deno?: DenoApi };
  return deno;
}

/** The global `process`; importing `node:process` takes Bun 1.3.4 about 20 ms. */
export function ownProcess(): typeof nodeProcess {
  const { process } = globalThis as unknown as { readonly process: typeof nodeProcess };
  return process;
}
