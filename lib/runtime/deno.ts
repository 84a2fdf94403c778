/**
 * What Deno alone has.
 *
 * @module
 */

/** What a permission is asked for, in Deno's words. */
export type Descriptor =
  | { readonly name: "read" | "write"; readonly path?: string }
  | { readonly name: "net"; readonly host?: string }
  | { readonly name: "env"; readonly variable?: string }
  | { readonly name: "sys"; readonly kind?: string }
  | { readonly name: "run"; readonly command?: string };

/** Where a permission stands. `prompt`: the user has not been asked. */
export interface PermissionState {
  /** Deno's word for it. */
  readonly state: "granted" | "prompt" | "denied";
}

/** A running program. */
export interface DenoChild {
  /** Lets this process end before it. */
  readonly unref: () => void;
  /** Its end. */
  readonly status: Promise<{ readonly success: boolean }>;
}

/** The part of Deno that is used here. */
export interface DenoApi {
  /** Whether NO_COLOR is set, which Deno tells without a permission. */
  readonly noColor: boolean;
  /** What this process may do. */
  readonly permissions: {
    readonly querySync: (descriptor: Descriptor) => PermissionState;
    readonly request: (descriptor: Descriptor) => Promise<PermissionState>;
  };
  /** Makes a folder; Deno's `node:fs` looks at those around it too, for which it asks the user. */
  readonly mkdir: (
    path: string,
    options: { readonly recursive: boolean; readonly mode: number },
  ) => Promise<void>;
  /** A program to be run. */
  readonly Command: new (path: string, options: {
    readonly args: readonly string[];
    readonly stdin?: "null";
    readonly stdout?: "null" | "piped";
    readonly stderr?: "null" | "piped";
    readonly detached?: boolean;
  }) => {
    readonly output: () => Promise<{ readonly stdout: Uint8Array }>;
    readonly spawn: () => DenoChild;
  };
}

/**
 * Deno's own interface.
 *
 * @returns It, or undefined in another runtime.
 */
export function denoApi(): DenoApi | undefined {
  const { Deno: deno } = globalThis as unknown as { readonly Deno?: DenoApi };
  return deno;
}
