/** Checks the names of MCP servers, which begin the names of their tools. */

import { isObject, printable } from "../../../kimi/util/json.ts";
import { child, findValues } from "../collect/config_values.ts";
import { type DoctorContext, note } from "./finding.ts";

/** How Kimi wants a tool's name to begin; the whole name has at most 64 characters. */
const ACCEPTED = /^[A-Za-z][A-Za-z0-9_-]{0,61}$/;

/** Finds servers whose tools Kimi would refuse because of their names. */
export function* checkMcp({ machine: { config } }: DoctorContext) {
  for (const { value: file, source } of findValues(config, (file) => [file])) {
    for (const [name, server] of Object.entries(child(file, "mcp"))) {
      if (ACCEPTED.test(name) || (isObject(server) && server.enabled === false)) continue;
      const what = `the tools of the MCP server "${printable(name)}" in ${source} reach Kimi ` +
        "under other names, because Kimi would refuse names that begin like this";
      yield note("mcp-name", what, "begin its name with a letter, and use only a-z, 0-9, _ and -");
    }
  }
}
