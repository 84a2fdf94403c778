import { isObject, type Json, object, objects, thinkingDisabled, toolNames } from "./body.ts";
import { apiError, type FakeAnswer } from "../http.ts";
import { refuseMessages } from "./messages.ts";
import { findUntyped } from "./schema.ts";
import type { FakeSettings } from "../types.ts";

const MESSAGE_LIMIT = 2097152; // bytes, as the service reports it
const TOOL_LIMIT = 128;

/** Parses a body; returns `undefined` if it is not a JSON object in UTF-8. */
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

function refuseTools(body: Json): string | undefined {
  const names = toolNames(body);
  if (names.length > TOOL_LIMIT) {
    return `Invalid request: a max of ${TOOL_LIMIT} tools can be supported`;
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `Invalid request: function name ${twice} is duplicated`;
  for (const tool of objects(body.tools)) {
    const path = findUntyped(object(tool.function).parameters);
    if (path === undefined) continue;
    return "Invalid request: tools.function.parameters is not a valid moonshot flavored json " +
      `schema, details: <At path '${path}': type is not defined>`;
  }
  return undefined;
}

function refuseSampling(body: Json, settings: FakeSettings): string | undefined {
  const { tool_choice: choice, temperature, top_p } = body;
  if (choice !== undefined && choice !== "auto" && choice !== "none") {
    const word = typeof choice === "string" ? choice : "specified";
    return `tool_choice '${word}' is incompatible with thinking enabled`;
  }
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

/** Returns why the service would refuse a chat body, or `undefined` if it would answer. */
export function refuseBody(body: Json, settings: FakeSettings): FakeAnswer | undefined {
  const { model } = body;
  if (!settings.models.some(({ id }) => id === model)) {
    const message = `Not found the model ${String(model)} or Permission denied`;
    return apiError(404, "resource_not_found_error", message);
  }
  const message = wellFormed(body)
    ? refuseMessages(body) ?? refuseSize(body) ?? refuseTools(body) ??
      refuseSampling(body, settings)
    : "Invalid request: body holds a lone surrogate";
  return message === undefined ? undefined : apiError(400, "invalid_request_error", message);
}
