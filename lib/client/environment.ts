/** Everything outside the program, as one interface; each consumer takes the part that it needs. */

import type { ClientName } from "../kimi/identity/constants.ts";
import type { Device } from "../kimi/identity/fingerprint.ts";
import type { Variables } from "../kimi/chat/env_settings.ts";

/** How much a log line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * Everything outside the program that the library uses. `systemEnvironment()` of `@kimi/full/runtime`
 * makes the one of Deno, Node and Bun.
 */
export interface KimiEnvironment {
  /** Environment variables. */
  readonly variables: Variables;
  /** `process.versions`, for errors that name what a runtime cannot do. */
  readonly versions?: Variables;
  /** The Web's `fetch`. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Time in milliseconds since 1970. */
  readonly now: () => number;
  /** Formats a time, in milliseconds since 1970, as the clock of this machine shows it. */
  readonly localTime: (time: number) => string;
  /** Waits; the signal ends that early, by a rejection with its reason. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `ring` once after a time; the function that it returns cancels that. */
  readonly alarm: (milliseconds: number, ring: () => void) => () => void;
  /** The facts of this machine, and the id that the client keeps for it. */
  readonly device: (client: ClientName) => Promise<Device>;
  /** Makes a UUID of version 4. */
  readonly randomUUID: () => string;
  /** Writes one line; never throws. */
  readonly log: (level: LogLevel, message: string) => void;
}

/** The same, with the files that the plugin and the commands use. */
export interface Environment extends KimiEnvironment {
  /** opencode's auth.json; `undefined` if the folder for it does not exist. */
  readonly authFile: () => Promise<SharedFile | undefined>;
  /** Reads a file of the user; rejects if it is larger than so many bytes. */
  readonly readFile: (path: string, maxBytes: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** The file that caches the account's models from one start to the next. */
  readonly modelsFile: () => Promise<CacheFile>;
}

/** A file that may be lost without harm. */
export interface CacheFile {
  /** Where the file is. */
  readonly path: string;
  /** Reads its text; `undefined` if the file does not exist. */
  readonly read: () => Promise<string | undefined>;
  /** Replaces the whole file; the old text stays until the new one is on the disk. */
  readonly replace: (text: string) => Promise<void>;
}

/** A file that several processes read and replace. */
export interface SharedFile extends Omit<CacheFile, "replace"> {
  /**
   * Returns at once a text that changes with each write, so that an unchanged file need not be read again.
   * Without it, or if it returns `undefined`, the file is read each time.
   */
  readonly version?: () => string | undefined;
  /**
   * Replaces the whole file, but only while it holds the text, or nothing, of `over`, if that is given;
   * returns false if it held something else, and was left as it is.
   */
  readonly replace: (
    text: string,
    over?: { readonly text: string | undefined },
  ) => Promise<boolean | void>;
  /** Fails where {@linkcode CacheFile.replace} would: a read-only folder, a full disk. */
  readonly assertWritable: () => Promise<void>;
  /** Takes its lock; `undefined` if `isMoot`, which is asked during the wait, resolves to true before. */
  readonly lock: (isMoot?: () => Promise<boolean>) => Promise<Lock | undefined>;
}

/** A lock between processes, while it is held. */
export interface Lock {
  /** Starts its time anew, and reports whether it is still held; if so, nobody breaks it before that time is over. */
  readonly renew: () => Promise<boolean>;
  /** Gives the lock up. */
  readonly release: () => Promise<void>;
}
