/**
 * `login`: the device login without opencode.
 *
 * @module
 */

import { homedir } from "node:os";
import process from "node:process";
import type { Environment } from "../../client/environment.ts";
import { loginHosts } from "../../kimi/identity/login_hosts.ts";
import { type Region, REGIONS } from "../../kimi/identity/regions.ts";
import { startProgram } from "../../runtime/browser.ts";
import { shareDirectory } from "../../runtime/device/device_id.ts";
import { systemEnvironment } from "../../runtime/environment.ts";
import { opencodeDataDirectory } from "../../runtime/fs/atomic_file.ts";
import {
  assertNoFolder,
  type AuthPlace,
  namedPlace,
  opencodePlace,
  requestAuthFolders,
} from "../shared/auth_location.ts";
import { browserChoice } from "./browser.ts";
import { CLIENT_OPTION, clientOf } from "../shared/client_option.ts";
import {
  type Command,
  EXIT,
  type Invocation,
  type OptionValues,
  UsageError,
} from "../shared/command.ts";
import { loginPermissions } from "./permissions.ts";
import { eventReport, textReport } from "./output.ts";
import { logIn } from "./steps.ts";
import { requestFolder } from "../shared/deno_permissions.ts";
import { logOn, main } from "../shared/run.ts";
import { eachSecond } from "./countdown.ts";

export type {
  Command,
  Invocation,
  Option,
  OptionValues,
  Permission,
  Stream,
  Terminal,
} from "../shared/command.ts";

/**
 * The command.
 *
 * @example
 * ```ts
 * import { login } from "@kimi/full/login";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(login.name, "login");
 * ```
 */
export const login: Command = {
  name: "login",
  summary: "Logs in to Kimi For Coding by device code, for opencode.",
  options: [
    { name: "no-browser", help: "do not open the page that confirms the login" },
    { name: "force", help: "log in although there is a login" },
    { name: "region", value: "NAME", help: "where the account is: com, the default, or ai" },
    CLIENT_OPTION,
    { name: "auth-file", value: "PATH", help: "keep the login in another file than opencode's" },
    { name: "json", help: "print events, one a line, as JSON" },
  ],
  permissions: loginPermissions(process.platform),
  run,
};

async function run({ values, terminal, signal }: Invocation): Promise<number> {
  const client = clientOf(values);
  const region = regionOf(values);
  const report = values.json === true
    ? eventReport(terminal, client)
    : textReport(terminal, client, eachSecond);
  try {
    const environment = systemEnvironment(logOn(terminal));
    const hosts = loginHosts(region, environment.variables);
    const place = await placeOf(values, environment, terminal);
    const openBrowser = browserChoice({
      values,
      terminal,
      platform: process.platform,
      variables: environment.variables,
      permissions: login.permissions,
      start: startProgram,
      onProblem: report.noBrowser,
    });
    await logIn(
      { client, hosts, isForced: values.force === true },
      { environment, place, report, ...(openBrowser === undefined ? {} : { openBrowser }) },
      signal,
    );
    return EXIT.ok;
  } catch (error) {
    report.failed(error);
    throw error;
  }
}

function regionOf({ region = "com" }: OptionValues): Region {
  if (region === "com" || region === "ai") return region;
  throw new UsageError(`--region must be ${Object.keys(REGIONS).join(" or ")}`);
}

/** Deno asks for the two folders before anything is shown: a question would stop the countdown. */
async function placeOf(
  values: OptionValues,
  { variables }: Pick<Environment, "variables">,
  terminal: Invocation["terminal"],
): Promise<AuthPlace> {
  const named = values["auth-file"];
  const place = typeof named === "string"
    ? namedPlace(named)
    : opencodePlace(opencodeDataDirectory(variables, homedir()));
  await requestAuthFolders(place.file.path, "keep the login", terminal);
  if (typeof named === "string") await assertNoFolder(named);
  await requestFolder(shareDirectory(variables, homedir()), "share kimi-cli's device id", terminal);
  return place;
}

if (import.meta.main) await main(login);
