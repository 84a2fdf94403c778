import { isObject, type Json, thinkingDisabled } from "./body.ts";
import { refuseChoice, refuseThinking } from "./thinking.ts";
import { apiError, type FakeAnswer } from "../http.ts";
import { refuseMessages } from "./messages.ts";
import { refuseTools } from "./tools.ts";
import type { FakeSettings } from "../types.ts";

const MESSAGE_LIMIT = 2097152; // MoonshotAI/kimi-code#1862

/** The body as an object; undefined if it is not a JSON object in UTF-8. */
export function parseBody(bytes: Uint8Array): Json | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function wellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (Array.isArray(value)) return value.every(wellFormed);
  if (!isObject(value)) return true;
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && wellFormed(inner));
}

function refuseSize(body: Json): string | undefined {
  const text = JSON.stringify(
    body.messages,
    (key, value) => key === "url" && String(value).startsWith("data:") ? "" : value,
  );
  const size = new TextEncoder().encode(text).length;
  if (size <= MESSAGE_LIMIT) return undefined;
  return `Invalid request: total message size ${size} exceeds limit ${MESSAGE_LIMIT}`;
}

function refuseSampling(body: Json, settings: FakeSettings): string | undefined {
  const { temperature, top_p } = body;
  const off = thinkingDisabled(body);
  const rules = [
    [
      "temperature",
      temperature,
      off ? settings.allowedTemperaturesOff : settings.allowedTemperatures,
    ],
    ["top_p", top_p, settings.allowedTopP],
  ] as const;
  for (const [name, value, allowed] of rules) {
    if (value === undefined || allowed.some((number) => number === value)) continue;
    return `invalid ${name}: only ${allowed.join(", ")} is allowed for this model`;
  }
  return undefined;
}

/** What the service would refuse in a chat body; undefined when it would answer. */
export function refuseBody(body: Json, settings: FakeSettings): FakeAnswer | undefined {
  const { model } = body;
  const known = settings.models.find(({ id }) => id === model);
  if (known === undefined) {
    const message = `Not found the model ${String(model)} or Permission denied`;
    return apiError(404, "resource_not_found_error", message);
  }
  const message = wellFormed(body)
    ? refuseMessages(body) ?? refuseSize(body) ?? refuseTools(body) ??
      refuseThinking(body, known) ?? refuseChoice(body) ?? refuseSampling(body, settings)
    : "Invalid request: body holds a lone surrogate";
  return message === undefined ? undefined : apiError(400, "invalid_request_error", message);
}
