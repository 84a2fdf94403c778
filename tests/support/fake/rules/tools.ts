import { type Json, list, object, objects, toolNames } from "./body.ts";
import { findSchemaFault } from "./schema.ts";

const MAX_TOOLS = 128;

/** The service's own functions, such as `$web_search`, have a type of their own. */
const BUILTIN = "builtin_function";

/** Why the service would refuse a function's name: MoonshotAI/kimi-cli#1773, #2531. */
export function refuseName(name: unknown, type: unknown): string | undefined {
  if (type !== "function" && type !== BUILTIN) {
    return `Invalid request: the type ${JSON.stringify(type)} of a function is not supported`;
  }
  const form = type === BUILTIN ? /^\$[A-Za-z0-9_-]{0,63}$/ : /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
  if (typeof name === "string" && form.test(name)) return undefined;
  return "function name is invalid, must start with a letter and can contain letters, numbers, " +
    "underscores, and dashes";
}

function refuseTool(tool: Json): string | undefined {
  const { name, parameters } = object(tool.function);
  const refusal = refuseName(name, tool.type);
  if (refusal !== undefined || tool.type === BUILTIN || parameters === undefined) return refusal;
  const fault = findSchemaFault(parameters);
  return fault && "Invalid request: tools.function.parameters is not a valid moonshot flavored " +
      `json schema, details: <At path '${fault.path}': ${fault.reason}>`;
}

/** Why the service would refuse these tools; swarmclawai/swarmclaw#39 has two of one name. */
export function refuseTools(body: Json): string | undefined {
  if (list(body.tools).length > MAX_TOOLS) {
    return `Invalid request: a max of ${MAX_TOOLS} tools can be supported`;
  }
  const names = toolNames(body);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `Invalid request: function name ${twice} is duplicated`;
  for (const tool of objects(body.tools)) {
    const refusal = refuseTool(tool);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
