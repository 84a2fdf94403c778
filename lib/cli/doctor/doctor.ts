/**
 * The command `doctor`: shows what the plugin sends and finds problems. It changes nothing.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { homedir } from "node:os";
import process from "node:process";
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
  const { out } = terminal;
  if (values.json === true && values.report === true) {
    throw new UsageError("--json and --report cannot be used together");
  }
  const { fetch, now } = systemEnvironment(createLog(terminal));
  const authFile = namedAuthFile(values);
  const isIgnored = (name: string) => name === "OPENCODE_AUTH_CONTENT" && authFile !== undefined;
  const deps: DoctorDeps = {
    authFile,
    variable: (name) => isIgnored(name) ? undefined : process.env[name],
    home: homedir,
    directory: process.cwd(),
    platform: process.platform,
    versions: process.versions,
    readPath,
    canWrite,
    findPrograms,
    credentialRows: readCredentialRows,
    deviceFacts: readDeviceFacts,
    fetch,
    now,
    lookup,
  };
  const diagnosis = diagnose(await readMachine(deps));
  const online = values.online === true ? await askService(deps, diagnosis, signal) : undefined;
  const mcp = values.mcp === true
    ? await askMcpServers(diagnosis.machine.config, fetch, signal)
    : undefined;
  const context = { ...diagnosis, online, mcp };
  const whole = buildReport(context, { request: values.request === true, runtime: runtime() });
  const report = values.full === true ? whole : redact(whole, context, values.report === true);
  const shown = values.deviations === true ? report : { ...report, deviations: [] };
  const text = values.report === true ? formatBlock(report) : formatReport(shown, out);
  out.write(values.json === true ? `${JSON.stringify(report, null, 2)}\n` : text);
  const isHealthy = report.findings.every(({ severity }) => severity !== "problem");
  return isHealthy ? EXIT.ok : EXIT.failure;
}

/** Bun and Deno report a version of Node too. */
function runtime(): string {
  const { deno, bun, node } = process.versions;
  const name = deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`;
  return `${name}, ${process.platform} ${process.arch}`;
}

if (import.meta.main) await main(doctor);
