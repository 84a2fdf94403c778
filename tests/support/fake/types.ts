/** What a request asked for; `poll` and `refresh` share a path and differ in `grant_type`. */
export type RequestKind =
  | "device"
  | "poll"
  | "refresh"
  | "models"
  | "usages"
  | "chat"
  | "other";

/** One request as it came in, and what became of it. */
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
  /** Status answered; 0 while pending or dropped. */
  readonly status: number;
  /** The part of the answer's body that was written so far. */
  readonly answer: string;
  /** The connection closed before the answer was complete. */
  readonly aborted: boolean;
}

/** A fixed answer that stands in for the real one; an object body is sent as JSON. */
export interface FaultAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readonly<Record<string, unknown>>;
}

/** Something that goes wrong with matching requests. The first fault that matches is taken. */
export interface Fault {
  /** Which requests; every kind when absent. */
  readonly kind?: RequestKind;
  /** How many requests it hits: 1 when absent, `"always"` when only `probability` is given. */
  readonly times?: number | "always";
  /** So many matching requests pass unharmed first. */
  readonly skip?: number;
  /** Chance from 0 to 1 that a matching request is hit, drawn from the seeded generator. */
  readonly probability?: number;
  /** Milliseconds before the request is worked on. */
  readonly delay?: number;
  /** Milliseconds after the work is done (a token is rotated, say) and before the answer. */
  readonly delayAfter?: number;
  /** `"html"` is a portal's 403 page, `"hang"` never answers, `drop-*` closes the connection. */
  readonly answer?: FaultAnswer | "html" | "hang" | "drop-before" | "drop-after";
  /** With a fixed answer: the work is done all the same, and its result is lost. */
  readonly work?: boolean;
  /** For chat: how this answer is streamed. */
  readonly stream?: Partial<StreamSettings>;
}

/** How an event stream is written. */
export interface StreamSettings {
  /** Milliseconds between two writes. */
  readonly delay: number;
  /** Largest write in bytes, cut anywhere by the seeded generator; 0 writes event by event. */
  readonly cut: number;
  /** Lines end in CRLF. */
  readonly crlf: boolean;
  /** An error event takes the place of the rest after so many events. */
  readonly errorAfter: number | null;
  /** The connection is closed after so many events. */
  readonly dropAfter: number | null;
}

/** A tool call of a scripted answer. `arguments` is the JSON text; `id` is made up when absent. */
export interface ScriptedCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}

/** What the model says. An absent `reasoning` leaves reasoning_content out of the stream. */
export interface ScriptedAnswer {
  readonly reasoning?: string;
  /** The delta's key for reasoning; `reasoning_content` when absent. */
  readonly reasoningKey?: string;
  readonly text?: string;
  readonly toolCalls?: readonly ScriptedCall[];
  /** Overrides of the usage numbers. */
  readonly usage?: Readonly<Record<string, unknown>>;
}

/** What may be changed at any time; all of it survives JSON. */
export interface FakeSettings {
  /** Whose identity is demanded on chat and OAuth requests. */
  identity: "kimi-cli" | "opencode" | "any";
  /** Seconds an access token lives. */
  tokenLifetime: number;
  /** An older access token of a chain stays valid until its own exp when a newer one is minted. */
  keepOlderAccessTokens: boolean;
  /** Seconds added to the fake's clock: tokens expire without waiting. */
  clockOffset: number;
  /** Seconds between polls. */
  deviceInterval: number;
  /** Seconds a device code lives. */
  deviceExpiresIn: number;
  /** A poll sooner than the interval is answered slow_down, and the interval grows by 5 s. */
  enforceInterval: boolean;
  /** So many polls are answered authorization_pending, then comes the token; null waits for ever. */
  autoAuthorizeAfterPolls: number | null;
  /** Entries of GET /models. */
  models: readonly Readonly<Record<string, unknown>>[];
  /** The answer of GET /usages: `OLDER_USAGES`, `NEWER_USAGES` or any other. */
  usages: Readonly<Record<string, unknown>>;
  /** Where it is found below /coding/v1; null for nowhere. */
  usagesPath: "usages" | "usage" | null;
  /** Temperatures accepted while thinking. */
  allowedTemperatures: readonly number[];
  /** Temperatures accepted with thinking disabled. */
  allowedTemperaturesOff: readonly number[];
  allowedTopP: readonly number[];
  /** Refuse the chat bodies that the service refuses. */
  strictBodies: boolean;
  /** Queue and matchers of what goes wrong; a fault that is used up is removed. */
  faults: Fault[];
  /** How chat answers are streamed. */
  stream: Partial<StreamSettings>;
  /** The next chat answers, in order, in place of the script; title requests don't take one. */
  answers: ScriptedAnswer[];
  /** False closes every connection after its answer. Bun and Deno resend a POST by themselves when
   * a connection that they used before is dropped; with a fresh one they report the failure. */
  keepAlive: boolean;
  /** Value of x-trace-id; made up when null. */
  traceId: string | null;
  /** Seed of the generator behind `probability` and `cut`; read once, at the start. */
  seed: number;
}
