/**
 * The command `doctor`: shows what the plugin sends and finds problems. It changes nothing.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { homedir } from "node:os";
import process from "node:process";
import type { Environment } from "../../client/environment.ts";
import { readDeviceFacts } from "../../runtime/device/facts.ts";
import { systemEnvironment } from "../../runtime/environment.ts";
import { AUTH_FILE_OPTION, namedAuthFile } from "../shared/auth_location.ts";
import { type Command, EXIT, type Invocation, UsageError } from "../shared/command.ts";
import { commandPermissions } from "../shared/permissions.ts";
import { createLog, main } from "../shared/run.ts";
import { readCredentialRows } from "./collect/credential_rows.ts";
import { askMcpServers } from "./collect/mcp/servers.ts";
import { type DoctorDeps, readMachine } from "./collect/machine.ts";
import { canWrite, readPath } from "./collect/path_state.ts";
import { findPrograms } from "./collect/programs.ts";
import { diagnose } from "./diagnosis.ts";
import { askService } from "./online.ts";
import { buildReport } from "./report/build.ts";
import { redact } from "./report/redact.ts";
import { formatBlock, formatReport } from "./report/text.ts";

export type * from "../shared/types.ts";

/** The command. */
export const doctor: Command = {
  name: "doctor",
  summary: "Shows what the plugin sends to Kimi, and finds problems. It changes nothing.",
  options: [
    AUTH_FILE_OPTION,
    { name: "online", help: "also check the service: its hosts, its clock, the account's models" },
    {
      name: "mcp",
      help: "start or call opencode's MCP servers, and judge the tools that they list",
    },
    { name: "request", help: "show a sample chat request, without the token" },
    {
      name: "deviations",
      help: "list the deliberate differences from the client that is sent too",
    },
    { name: "full", help: "show device id, host name, paths, account ids; hide only tokens" },
    { name: "json", help: "print JSON" },
    { name: "report", help: "print a block to paste into a bug report" },
  ],
  permissions: commandPermissions("doctor", process.platform),
  run,
};

async function run({ values, terminal, signal }: Invocation): Promise<number> {
  const has = (option: string) => values[option] === true;
  const isBlock = has("report");
  if (has("json") && isBlock) throw new UsageError("--json and --report cannot be used together");
  const deps = thisMachine(namedAuthFile(values), systemEnvironment(createLog(terminal)));
  const diagnosis = diagnose(await readMachine(deps));
  const { config } = diagnosis.machine;
  const online = has("online") ? await askService(deps, diagnosis, signal) : undefined;
  const mcp = has("mcp") ? await askMcpServers(config, deps.fetch, signal) : undefined;
  const context = { ...diagnosis, online, mcp };
  const whole = buildReport(context, { request: has("request"), runtime: runtime() });
  const report = has("full") ? whole : redact(whole, context, isBlock);
  const shown = has("deviations") ? report : { ...report, deviations: [] };
  const text = isBlock ? formatBlock(report) : formatReport(shown, terminal.out);
  terminal.out.write(has("json") ? `${JSON.stringify(report, null, 2)}\n` : text);
  const isHealthy = report.findings.every(({ severity }) => severity !== "problem");
  return isHealthy ? EXIT.ok : EXIT.failure;
}

function thisMachine(authFile: string | undefined, { fetch, now }: Environment): DoctorDeps {
  const isIgnored = (name: string) => name === "OPENCODE_AUTH_CONTENT" && authFile !== undefined;
  const { platform, versions, env } = process;
  return {
    ...{ authFile, platform, versions, fetch, now, lookup, readPath, canWrite, findPrograms },
    variable: (name) => isIgnored(name) ? undefined : env[name],
    home: homedir,
    directory: process.cwd(),
    credentialRows: readCredentialRows,
    deviceFacts: readDeviceFacts,
  };
}

/** Bun and Deno report a version of Node too. */
function runtime(): string {
  const { deno, bun, node } = process.versions;
  const name = deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`;
  return `${name}, ${process.platform} ${process.arch}`;
}

if (import.meta.main) await main(doctor);
