/** Reads and writes the service's list of models. */

import { KNOWN_MODELS, type Model, outputOf } from "./catalog.ts";
import type { ThinkingType } from "../chat/efforts.ts";
import { finite, isObject, type JsonObject, objectOf, printable, text } from "../util/json.ts";

/** Far more than any account has. */
const MAX_MODELS = 64;
const MAX_EFFORTS = 16;

/** Ids that fit into opencode's configuration and on a command line. */
const ID = /^[a-z0-9][\w.:/@+-]{0,127}$/i;
const EFFORT = /^[a-z][a-z0-9_-]{0,31}$/;

/** Names of other services for thinking that is off. */
const OFF = /^(?:off|none|disabled)$/;

/**
 * Reads the answer of `GET /models`: at most 64 models with a usable id, in the service's order.
 *
 * @see kimi-code 2.1.0, which reads the same fields
 * @example
 * ```ts
 * import { parseModels } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const [model] = parseModels({ data: [{ id: "k3", context_length: 1048576 }] });
 * assertEquals(model?.efforts, ["low", "high", "max"]);
 * ```
 */
export function parseModels(json: JsonObject | undefined): readonly Model[] {
  const models = new Map<string, Model>();
  for (const entry of Array.isArray(json?.data) ? json.data : []) {
    const model = isObject(entry) ? readModel(entry) : undefined;
    if (model !== undefined && !models.has(model.id)) models.set(model.id, model);
    if (models.size >= MAX_MODELS) break;
  }
  return [...models.values()];
}

/** Members that the service leaves out are taken from the known model. */
function readModel(entry: JsonObject): Model | undefined {
  const id = text(entry.id);
  // opencode fails if a model is named like a member of Object.prototype.
  if (id === undefined || !ID.test(id) || id in Object.prototype) return undefined;
  const known = KNOWN_MODELS.find((model) => model.id === id);
  const length = Math.floor(finite(entry.context_length) ?? 0);
  const protocol = printable(entry.protocol);
  const efforts = readEfforts(entry.think_efforts) ?? known?.efforts;
  const defaultEffort = text(objectOf(entry.think_efforts).default_effort);
  return {
    id,
    name: printable(entry.display_name) || id,
    contextLength: Number.isSafeInteger(length) ? Math.max(0, length) : 0,
    output: outputOf(id),
    images: readFlag(entry.supports_image_in) ?? known?.images ?? false,
    video: readFlag(entry.supports_video_in) ?? known?.video ?? false,
    tools: readFlag(entry.supports_tool_use) ?? true,
    thinking: readThinking(entry) ?? known?.thinking ?? "both",
    ...(efforts === undefined ? {} : { efforts }),
    ...(defaultEffort !== undefined && efforts?.includes(defaultEffort) ? { defaultEffort } : {}),
    ...(protocol === "" || protocol === "openai" ? {} : { protocol }),
  };
}

function readFlag(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function readThinking(entry: JsonObject): ThinkingType | undefined {
  const type = entry.supports_thinking_type;
  if (type === "both" || type === "only" || type === "no") return type;
  return entry.supports_reasoning === false ? "no" : undefined;
}

function readEfforts(value: unknown): readonly string[] | undefined {
  if (!isObject(value)) return undefined;
  if (value.support === false) return [];
  if (!Array.isArray(value.valid_efforts)) return undefined;
  const named = value.valid_efforts.filter((effort: unknown): effort is string =>
    typeof effort === "string" && EFFORT.test(effort) && !OFF.test(effort)
  );
  return [...new Set(named)].slice(0, MAX_EFFORTS);
}

/** Writes a model in the form that {@linkcode parseModels} reads. */
export function modelAnswer(model: Model): JsonObject {
  const { id, name, contextLength, images, video, tools, thinking, efforts, protocol } = model;
  const { defaultEffort } = model;
  return {
    id,
    display_name: name,
    context_length: contextLength,
    supports_image_in: images,
    supports_video_in: video,
    supports_tool_use: tools,
    supports_thinking_type: thinking,
    think_efforts: efforts && {
      ...{ support: efforts.length > 0, valid_efforts: efforts },
      ...(defaultEffort === undefined ? {} : { default_effort: defaultEffort }),
    },
    protocol,
  };
}
