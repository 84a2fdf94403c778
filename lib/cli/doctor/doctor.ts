/**
 * `doctor`: what would be sent, and what is wrong. Nothing is changed.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { homedir } from "node:os";
import process from "node:process";
import { readDeviceFacts } from "../../runtime/device/facts.ts";
import { systemEnvironment } from "../../runtime/environment.ts";
import { LOCK_NAME } from "../../runtime/fs/atomic_file.ts";
import { type Command, EXIT, type Invocation, UsageError } from "../shared/command.ts";
import { doctorReport } from "./report/build.ts";
import { doctorBlock, doctorText } from "./report/text.ts";
import { examine } from "./diagnosis.ts";
import { lookAtMachine, type Reach, VARIABLES } from "./collect/machine.ts";
import { askService } from "./online.ts";
import { devicePermissions, type Permission } from "../shared/deno_permissions.ts";
import { logOn, main } from "../shared/run.ts";
import { lookAt } from "./collect/path_state.ts";

export type {
  Command,
  Invocation,
  Option,
  OptionValues,
  Permission,
  Stream,
  Terminal,
} from "../shared/command.ts";

const DATA = "$HOME/.local/share/opencode";

const PERMISSIONS: readonly Permission[] = [
  { flag: "--allow-env", value: VARIABLES.join(","), why: "see which hosts and folders are set" },
  {
    flag: "--allow-read",
    value: `${DATA}/auth.json,${DATA}/${LOCK_NAME}`,
    why: "look at the login and its lock",
  },
  {
    flag: "--allow-read",
    value: "$HOME/.config/opencode,$HOME/.cache/opencode/packages,$HOME/.opencode,/etc/opencode",
    why: "look at opencode's configuration and plugins",
  },
  {
    flag: "--allow-read",
    value: ".git,.opencode,opencode.json,opencode.jsonc",
    why: "look at the configuration of the folder that you are in",
  },
  ...devicePermissions(process.platform).filter(({ flag }) => flag !== "--allow-write"),
  {
    flag: "--allow-net",
    value: "auth.kimi.com,api.kimi.com,auth.kimi.ai,api.kimi.ai",
    why: "ask the service (with --online alone)",
  },
];

/**
 * The command.
 *
 * @example
 * ```ts
 * import { doctor } from "@kimi/full/doctor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(doctor.name, "doctor");
 * ```
 */
export const doctor: Command = {
  name: "doctor",
  summary: "Shows what would be sent to Kimi, and finds what is wrong. It changes nothing.",
  options: [
    { name: "online", help: "ask the service too: its hosts, its clock, the account's models" },
    { name: "request", help: "show a sample chat request, without the token" },
    {
      name: "full",
      help: "mask tokens alone, and show device id, host name, paths and account ids",
    },
    { name: "json", help: "print JSON" },
    { name: "report", help: "print a block to paste into a report of a fault" },
  ],
  permissions: PERMISSIONS,
  run,
};

async function run({ values, terminal, signal }: Invocation): Promise<number> {
  const { out } = terminal;
  if (values.json === true && values.report === true) {
    throw new UsageError("--json and --report exclude each other");
  }
  const environment = systemEnvironment(logOn(terminal));
  const examination = examine(await lookAtMachine(ownReach()));
  const online = values.online === true
    ? await askService({ ...environment, lookup }, examination, signal)
    : undefined;
  const report = doctorReport(examination, online, {
    full: values.full === true,
    request: values.request === true,
    runtime: runtime(),
  });
  out.write(
    values.json === true
      ? `${JSON.stringify(report, null, 2)}\n`
      : values.report === true
      ? doctorBlock(report)
      : doctorText(report, out),
  );
  const isHealthy = report.findings.every(({ severity }) => severity !== "problem");
  return isHealthy ? EXIT.ok : EXIT.failure;
}

function ownReach(): Reach {
  return {
    variable: (name) => process.env[name],
    home: homedir,
    directory: process.cwd(),
    platform: process.platform,
    look: lookAt,
    deviceFacts: readDeviceFacts,
    now: () => Date.now(),
  };
}

/** Bun and Deno say that they are a Node, too. */
function runtime(): string {
  const { deno, bun, node = "" } = process.versions;
  const name = deno !== undefined
    ? `Deno ${deno}`
    : bun !== undefined
    ? `Bun ${bun}`
    : `Node ${node}`;
  return `${name}, ${process.platform} ${process.arch}`;
}

if (import.meta.main) await main(doctor);
