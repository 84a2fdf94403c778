/** Parameters of a plugin's tool, without zod. */

import type { JsonObject } from "../../../kimi/util/json.ts";

/** The JSON schema of a parameter, which opencode's zod takes for a type of its own. */
export type ToolParameter = JsonObject;

/**
 * Makes a parameter. opencode 1.14 makes a zod object of a tool's parameters, and 1.18 does so if each of
 * them has `_zod`. zod runs what stands there, and asks it for its JSON schema. A later opencode that reads
 * JSON schemas alone finds one too.
 */
export function toolParameter(schema: JsonObject, isOptional = false): ToolParameter {
  const presence = isOptional ? { optin: "optional", optout: "optional" } : {};
  const value = {
    def: { type: "unknown" },
    traits: new Set(["$ZodType"]),
    bag: {},
    ...presence,
    run: (payload: unknown) => payload,
    toJSONSchema: () => schema,
  };
  return Object.defineProperty({ ...schema }, "_zod", { value });
}
