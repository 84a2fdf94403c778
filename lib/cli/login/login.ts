/**
 * The command `login`: the device login without opencode.
 *
 * @module
 */

import process from "node:process";
import { CLIENT_NAMES } from "../../kimi/identity/constants.ts";
import { loginHosts } from "../../kimi/identity/login_hosts.ts";
import type { Hosts } from "../../kimi/identity/hosts.ts";
import { type Region, REGIONS } from "../../kimi/identity/regions.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { systemEnvironment } from "../../runtime/environment.ts";
import { locateAuthFile, namedAuthFile } from "../shared/auth_location.ts";
import { choiceOf, CLIENT_OPTION, type Command, EXIT, type Invocation } from "../shared/command.ts";
import { commandPermissions } from "../shared/permissions.ts";
import { createLog, main } from "../shared/run.ts";
import { createBrowserOpener } from "./browser.ts";
import { createEventOutput, createTextOutput } from "./output.ts";
import { logIn } from "./steps.ts";

export type * from "../shared/types.ts";

/** The command. */
export const login: Command = {
  name: "login",
  summary: "Logs in to Kimi For Coding with a device code, for opencode.",
  options: [
    { name: "no-browser", help: "do not open the page that confirms the login" },
    { name: "force", help: "log in even if already logged in" },
    { name: "region", value: "NAME", help: "region of the account: com (default) or ai" },
    CLIENT_OPTION,
    { name: "auth-file", value: "PATH", help: "store the login in this file, not in opencode's" },
    { name: "json", help: "print events as JSON, one per line" },
  ],
  permissions: commandPermissions("login", process.platform),
  run,
};

async function run({ values, terminal, signal }: Invocation): Promise<number> {
  const client = choiceOf(values, "client", CLIENT_NAMES);
  const region = choiceOf<Region>(values, "region", ["com", "ai"]);
  const createOutput = values.json === true ? createEventOutput : createTextOutput;
  const output = createOutput(terminal, client);
  try {
    const environment = systemEnvironment(createLog(terminal));
    const { variables } = environment;
    const hosts = loginHosts(region, variables);
    const overruled = values.region === undefined
      ? undefined
      : overruling(region, hosts, variables);
    if (overruled !== undefined) createLog(terminal)("warn", overruled);
    const location = await locateAuthFile(namedAuthFile(values), { client, variables, terminal });
    const onProblem = output.browserFailed;
    const openBrowser = createBrowserOpener({ values, terminal, variables, onProblem });
    const isForced = values.force === true;
    const deps = { client, hosts, isForced, environment, location, output, openBrowser };
    await logIn(deps, signal);
    return EXIT.ok;
  } catch (error) {
    output.failed(error);
    throw error;
  }
}

/** Names the variables that win over `--region`, if any do. */
function overruling(region: Region, { oauth, api }: Hosts, variables: Variables) {
  const oauthName = ["KIMI_CODE_OAUTH_HOST", "KIMI_OAUTH_HOST"].find((name) => variables[name]);
  const names = [
    ...(oauth !== REGIONS[region].oauth && oauthName !== undefined ? [oauthName] : []),
    ...(api === REGIONS[region].api ? [] : ["KIMI_CODE_BASE_URL"]),
  ];
  return names.length === 0
    ? undefined
    : `--region ${region} is overruled by ${
      names.join(" and ")
    }: unset it to log in at kimi.${region}`;
}

if (import.meta.main) await main(login);
