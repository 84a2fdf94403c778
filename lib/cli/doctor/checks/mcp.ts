/** Checks the tools of the MCP servers, with `--mcp`. */

import { KimiError } from "../../../kimi/errors/kimi_error.ts";
import { MAX_TOOLS } from "../../../kimi/chat_body/tools.ts";
import type { ClientName } from "../../../kimi/identity/constants.ts";
import { findSchemaFault } from "../../../kimi/schema/check.ts";
import { type JsonObject, objectOf, printable, text } from "../../../kimi/util/json.ts";
import { type DoctorContext, note, problem } from "./finding.ts";
import { wireBody } from "../wire_body.ts";

/** Finds tools that are refused before they are sent, and those that are sent in another form. */
export function* checkMcpTools({ client, mcp = [] }: DoctorContext) {
  for (const { name, tools = [], why } of mcp) {
    const server = `the MCP server "${printable(name)}"`;
    if (why !== undefined) {
      const fix = "opencode mcp list shows what opencode says of it";
      yield note("mcp-unread", `${server} did not list its tools: ${printable(why)}`, fix);
    }
    const [lost] = tools.flatMap(booleanParameters);
    if (lost !== undefined) {
      const what = `opencode drops all tools of ${server} and does not say so: it takes only ` +
        `objects for schemas, and that of ${lost} is true or false`;
      const fix = 'update the server, or switch it off under "mcp" in opencode.json';
      yield problem("mcp-lost", what, fix);
    }
    const repaired: string[] = [];
    for (const tool of tools) {
      const parameters = parametersOf(tool);
      const refusal = refusalOf(client, toolName(name, tool), parameters);
      if (refusal !== undefined) {
        const [, what = refusal, fix = ""] = /^(.*?)\. (Disable .*)$/s.exec(refusal) ?? [];
        yield problem("mcp-tool", what, fix);
      } else if (findSchemaFault(parameters) !== undefined) {
        repaired.push(printable(tool.name));
      }
    }
    if (repaired.length > 0) {
      const what = `${repaired.length} of ${tools.length} tools of ${server} are sent with other ` +
        `parameters, because Kimi would refuse theirs: ${repaired.join(", ")}`;
      yield note("mcp-repaired", what);
    }
  }
  const count = mcp.reduce((sum, { tools = [] }) => sum + tools.length, 0);
  if (count > MAX_TOOLS) {
    const what = `the MCP servers have ${count} tools, and Kimi takes at most ${MAX_TOOLS}`;
    yield problem("mcp-many", what, 'switch some off under "tools" in opencode.json');
  }
}

/** Parameters for which the MCP SDK of opencode 1.14.34 and 1.18.33 refuses the whole list of tools. */
function booleanParameters({ name, inputSchema }: JsonObject): readonly string[] {
  return Object.entries(objectOf(objectOf(inputSchema).properties))
    .filter(([, schema]) => typeof schema === "boolean")
    .map(([parameter]) => printable(`"${parameter}" of ${text(name) ?? ""}`));
}

/** Source: opencode 1.18.33 `MCP.tools`. */
function toolName(server: string, { name }: JsonObject): string {
  const clean = (part: string) => part.replace(/[^a-zA-Z0-9_-]/g, "_");
  return `${clean(server)}_${clean(text(name) ?? "")}`;
}

/** Source: opencode 1.18.33 `McpCatalog.convertTool`. */
function parametersOf({ inputSchema }: JsonObject): JsonObject {
  const schema = objectOf(inputSchema);
  const properties = schema.properties ?? {};
  return { ...schema, type: "object", properties, additionalProperties: false };
}

/** What the plugin says where it refuses to send the tool. */
function refusalOf(client: ClientName, name: string, parameters: JsonObject) {
  const tool = { type: "function", function: { name, description: "", parameters } };
  try {
    wireBody(client, { tools: [tool] });
    return undefined;
  } catch (error) {
    if (error instanceof KimiError) return error.message;
    throw error;
  }
}
