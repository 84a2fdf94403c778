/** The words in which the fake host speaks with a plugin, a test and its own parts. */

/** A JSON object, of unknown contents. */
export type Json = Readonly<Record<string, unknown>>;

/** Any function of a plugin. */
export type Callback = (...given: readonly unknown[]) => unknown;

/** Time, which a test drives: a sleep ends at once, and is noted. */
export interface Clock {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** An account at an integration. */
export interface Row {
  readonly id: string;
  readonly integrationID: string;
  readonly label: string;
  readonly active: boolean;
  readonly value: Json;
}

/** Something that happened, as `ctx.event.subscribe()` tells it. */
export interface HostEvent {
  readonly id: string;
  readonly created: number;
  readonly type: string;
  readonly data: Json;
}

/** The kinds of a model request (plugin types session.ts 03545fd3); `warming` is in newer texts. */
export type Kind = "primary" | "compaction" | "title" | "generate" | "warming";

/** What one answer said. */
export interface Said {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly args: string }[];
  readonly finish: string | undefined;
  readonly usage: Json | undefined;
}

/** How a turn failed. */
export interface Failure {
  readonly type: string;
  readonly message: string;
  readonly status?: number;
}

/** How a turn ended. */
export type Outcome =
  | ({ readonly is: "done" } & Said)
  | { readonly is: "failed"; readonly error: Failure }
  | { readonly is: "interrupted" };

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object, or an empty one. */
export function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** Whether a value is a function. */
export function isFunction(value: unknown): value is Callback {
  return typeof value === "function";
}

/** What the host answers to a client's call that it refuses. */
export class HostError extends Error {
  override readonly name = "HostError";

  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the host says of a plugin's mistake. */
export function refuse(condition: boolean, message: string): void {
  if (condition) throw new TypeError(message);
}
