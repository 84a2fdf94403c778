/** Requests as opencode hands them to a plugin, with what the user has configured. */

import fc from "fast-check";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { message, toolName } from "./messages.ts";
import { parameters } from "./schemas.ts";
import { mostly, text, value } from "./values.ts";

/** A request, and what it depends on. */
export interface FuzzRequest {
  readonly model: string;
  readonly agent: unknown;
  /** The variant's name. */
  readonly variant: unknown;
  /** Options of the model and the variant, merged by opencode. */
  readonly options: JsonObject;
  /** The value of KIMI_MODEL_THINKING_KEEP. */
  readonly keep: string;
  /** The body that opencode's SDK makes. */
  readonly body: JsonObject & { readonly messages: readonly unknown[] };
}

/** A tool of any kind. */
export const tool: fc.Arbitrary<unknown> = mostly(
  fc.record({
    type: mostly(fc.constant("function"), 20),
    function: mostly(
      fc.record({
        name: mostly(toolName, 20),
        description: mostly(text),
        parameters,
        strict: value,
      }, { requiredKeys: ["name"] }),
      20,
    ),
  }),
  30,
);

const EFFORTS = ["off", "none", "low", "medium", "high", "max", "ultra", "default"];
const effort = mostly(fc.constantFrom(...EFFORTS));
const thinking = mostly(
  fc.record({
    type: mostly(fc.constantFrom("enabled", "disabled")),
    keep: fc.constantFrom<unknown>("all", 1, null),
  }, {
    requiredKeys: [],
  }),
);
const choice = mostly(fc.oneof(
  fc.constantFrom("auto", "none", "required"),
  fc.record({ type: fc.constant("function"), function: fc.record({ name: toolName }) }),
));

const format = fc.constantFrom({ type: "text" }, { type: "json_object" }, null, undefined);

const body = fc.record({
  messages: fc.array(message, { maxLength: 7 }),
  max_tokens: value,
  temperature: value,
  top_p: value,
  stop: value,
  seed: fc.nat(),
  user: value,
  metadata: value,
  verbosity: value,
  frequency_penalty: value,
  response_format: format,
  tools: mostly(fc.array(tool, { maxLength: 3 })),
  tool_choice: choice,
  stream: mostly(fc.constant(true)),
  stream_options: value,
}, { requiredKeys: ["messages"] });

const options = fc.record({
  thinking,
  reasoning_effort: effort,
  reasoningEffort: effort,
  prompt_cache_key: value,
}, { requiredKeys: [] });

/** A request of any kind, to one of these models. */
export function request(models: readonly string[]): fc.Arbitrary<FuzzRequest> {
  return fc.record({
    model: fc.constantFrom(...models),
    agent: mostly(fc.constantFrom("build", "title", "plan")),
    variant: effort,
    options,
    keep: fc.constantFrom("", "all", "some"),
    body,
  });
}
