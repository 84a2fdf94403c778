/** The kind of a request; `poll` and `refresh` share a path and differ in `grant_type`. */
export type RequestKind =
  | "device"
  | "poll"
  | "refresh"
  | "models"
  | "usages"
  | "chat"
  | "search"
  | "fetch"
  | "files"
  | "other";

/** A request as received, and how it was answered. */
export interface RecordedRequest {
  /** When its headers had arrived, in milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  /** Path with the query, as sent. */
  readonly path: string;
  /** Order and spelling as received. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly kind: RequestKind;
  /** Status of the answer; 0 while pending or if dropped. */
  readonly status: number;
  /** The part of the answer's body that was written so far. */
  readonly answer: string;
  /** The connection closed before the answer was complete. */
  readonly aborted: boolean;
}

/** A fixed answer that replaces the real one; an object body is sent as JSON. */
export interface FaultAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readonly<Record<string, unknown>>;
}

/** A fault of matching requests. The first fault that matches is used. */
export interface Fault {
  /** Which requests; every kind if absent. */
  readonly kind?: RequestKind;
  /** How many requests it hits: 1 if absent, `"always"` if only `probability` is set. */
  readonly times?: number | "always";
  /** Number of matching requests that pass first. */
  readonly skip?: number;
  /** Probability from 0 to 1 that a matching request is hit, from the seeded generator. */
  readonly probability?: number;
  /** Milliseconds before the work. */
  readonly delay?: number;
  /** Milliseconds after the work (such as a refresh) and before the answer. */
  readonly delayAfter?: number;
  /** `"html"` is a portal's 403 page, `"hang"` never answers, `drop-*` closes the connection. */
  readonly answer?: FaultAnswer | "html" | "hang" | "drop-before" | "drop-after";
  /** With a fixed answer: the work is still done, and its result is lost. */
  readonly work?: boolean;
  /** For chat: how this answer is streamed. */
  readonly stream?: Partial<StreamSettings>;
}

/** How an event stream is written. */
export interface StreamSettings {
  /** Milliseconds between two writes. */
  readonly delay: number;
  /** Largest write in bytes, cut by the seeded generator; 0 writes event by event. */
  readonly cut: number;
  /** Lines end in CRLF. */
  readonly crlf: boolean;
  /** Number of events after which an error event replaces the rest. */
  readonly errorAfter: number | null;
  /** Number of events after which the connection is closed. */
  readonly dropAfter: number | null;
}

/** A tool call of a scripted answer. `arguments` is JSON text; an absent `id` is generated. */
export interface ScriptedCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}

/** The model's answer. Without `reasoning` the stream has no reasoning_content. */
export interface ScriptedAnswer {
  readonly reasoning?: string;
  /** The delta's key for reasoning; `reasoning_content` if absent. */
  readonly reasoningKey?: string;
  readonly text?: string;
  readonly toolCalls?: readonly ScriptedCall[];
  /** Overrides of the usage numbers. */
  readonly usage?: Readonly<Record<string, unknown>>;
}

/** Settings that can be changed at any time; all can be written as JSON. */
export interface FakeSettings {
  /** The client whose identity chat and OAuth requests must have. */
  identity: "kimi-cli" | "kimi-code" | "opencode" | "any";
  /** The id of the account that logs in. */
  user: string;
  /** Lifetime of an access token in seconds. */
  tokenLifetime: number;
  /** An older access token of a chain stays valid until its own exp when a newer one is minted. */
  keepOlderAccessTokens: boolean;
  /** Seconds added to the fake's clock: tokens expire without waiting. */
  clockOffset: number;
  /** Seconds between polls. */
  deviceInterval: number;
  /** Lifetime of a device code in seconds. */
  deviceExpiresIn: number;
  /** A poll within the interval answers slow_down, and the interval grows by 5 s. */
  enforceInterval: boolean;
  /** Number of polls that answer authorization_pending before the token; null for all. */
  autoAuthorizeAfterPolls: number | null;
  /** Entries of GET /models. */
  models: readonly Readonly<Record<string, unknown>>[];
  /** The answer of GET /usages: `OLDER_USAGES`, `NEWER_USAGES` or any other. */
  usages: Readonly<Record<string, unknown>>;
  /** Its path below /coding/v1; null for none. */
  usagesPath: "usages" | "usage" | null;
  /** Temperatures accepted while thinking. */
  allowedTemperatures: readonly number[];
  /** Temperatures accepted while thinking is disabled. */
  allowedTemperaturesOff: readonly number[];
  allowedTopP: readonly number[];
  /** Refuse the chat bodies that the service refuses. */
  strictBodies: boolean;
  /** Faults; one without requests left to hit is removed. */
  faults: Fault[];
  /** How chat answers are streamed. */
  stream: Partial<StreamSettings>;
  /** The next chat answers, in order, instead of the script; title requests don't use one. */
  answers: ScriptedAnswer[];
  /** False closes every connection after its answer. Bun and Deno resend a POST by themselves when
   * a connection that they used before is dropped; with a fresh one they report the failure. */
  keepAlive: boolean;
  /** Value of x-trace-id; generated if null. */
  traceId: string | null;
  /** Seed of the generator behind `probability` and `cut`; read once, at the start. */
  seed: number;
}
