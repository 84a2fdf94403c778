import type { RequestKind } from "./types.ts";

/** A request whose body has arrived. */
export interface FakeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly bytes: Uint8Array;
  /** The body as text; invalid UTF-8 is replaced. */
  readonly text: string;
  readonly kind: RequestKind;
}

/** An answer: a whole body, or the data of the events of a stream. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly events?: readonly string[];
}

/** Returns the values of a header, ignoring case. */
export function headerValues(request: FakeRequest, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return request.headers.filter(([n]) => n.toLowerCase() === wanted).map(([, value]) => value);
}

/** An answer with a JSON body. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): FakeAnswer {
  return {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  };
}

/** An error of the coding API. */
export function apiError(status: number, type: string, message: string): FakeAnswer {
  return json(status, { error: { message, type } });
}

/** The coding API's answer for a path that it does not have (anomalyco/opencode#37496). */
export function notFound(): FakeAnswer {
  return apiError(404, "resource_not_found_error", "The requested resource was not found");
}

/** Returns the kind of a request, from its method, path and form. */
export function kindOf(method: string, path: string, body: string): RequestKind {
  switch (`${method} ${path}`) {
    case "POST /api/oauth/device_authorization":
      return "device";
    case "POST /api/oauth/token":
      return new URLSearchParams(body).get("grant_type") === "refresh_token" ? "refresh" : "poll";
    case "GET /coding/v1/models":
      return "models";
    case "GET /coding/v1/usages":
    case "GET /coding/v1/usage":
      return "usages";
    case "POST /coding/v1/chat/completions":
      return "chat";
    case "POST /coding/v1/search":
      return "search";
    case "POST /coding/v1/fetch":
      return "fetch";
    case "POST /coding/v1/files":
      return "files";
    default:
      return "other";
  }
}

/** Waits; rejects at once if the signal aborts, so that no timer outlives the fake. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
