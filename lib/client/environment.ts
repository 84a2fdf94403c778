/** Everything outside the program, as one interface; each consumer takes the part that it needs. */

import type { Device } from "../kimi/identity/fingerprint.ts";
import type { Variables } from "../kimi/chat/env_settings.ts";

/** How much a log line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * Everything outside the program that the library uses: clock, network, device and log.
 *
 * `systemEnvironment()` of `@kimi/full/runtime` makes the one of Deno, Node and Bun.
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
  /**
   * Waits.
   *
   * @param milliseconds How long.
   * @param signal Ends the wait early, by a rejection with its reason.
   */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /**
   * Calls a function once after a time.
   *
   * @param milliseconds How long to wait.
   * @param ring The function.
   * @returns A function that cancels the call.
   */
  readonly alarm: (milliseconds: number, ring: () => void) => () => void;
  /** The facts of this machine, and the id that kimi-cli keeps for it. */
  readonly device: () => Promise<Device>;
  /** Makes a random UUID. */
  readonly randomUUID: () => string;
  /** Writes one line; never throws. */
  readonly log: (level: LogLevel, message: string) => void;
}

/** The same, with the files that the plugin and the commands use. */
export interface Environment extends KimiEnvironment {
  /** opencode's auth.json; `undefined` if the folder for it does not exist. */
  readonly authFile: () => Promise<SharedFile | undefined>;
  /** The file that caches the account's models from one start to the next. */
  readonly modelsFile: () => Promise<CacheFile>;
}

/** A file that may be lost without harm. */
export interface CacheFile {
  /** Where it is. */
  readonly path: string;
  /** Reads its text; `undefined` if the file does not exist. */
  readonly read: () => Promise<string | undefined>;
  /** Replaces the whole file; the old text stays until the new one is on the disk. */
  readonly replace: (text: string) => Promise<void>;
}

/** A file that several processes read and replace. */
export interface SharedFile extends Omit<CacheFile, "replace"> {
  /**
   * Replaces it whole: what was there stays until the new text is on the disk.
   *
   * @param text The new text.
   * @param over The text, or its absence, that is to be replaced; by default whatever is there.
   * @returns False if the file held something else by then, and was left as it is.
   */
  readonly replace: (
    text: string,
    over?: { readonly text: string | undefined },
  ) => Promise<boolean | void>;
  /** Fails where {@linkcode CacheFile.replace} would: a read-only folder, a full disk. */
  readonly assertWritable: () => Promise<void>;
  /**
   * Takes the lock that stands for it.
   *
   * @param isMoot Asked now and then during the wait.
   * @returns The lock, or undefined where it was moot before it could be had.
   */
  readonly lock: (isMoot?: () => Promise<boolean>) => Promise<Lock | undefined>;
}

/** A lock between processes, while it is held. */
export interface Lock {
  /** Starts its time anew, and reports whether it is still held: nobody breaks it before that time is over. */
  readonly renew: () => Promise<boolean>;
  /** Gives it up. */
  readonly release: () => Promise<void>;
}
