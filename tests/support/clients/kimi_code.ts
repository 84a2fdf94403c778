/** The real kimi-code, from npm, and a Node that runs it. */

import { join } from "@std/path";
import { KIMI_CODE_VERSION } from "../../../lib/kimi/identity/constants.ts";
import { installTool, nodeProgram } from "../tools.ts";
import type { RealClient, Service } from "./real_client.ts";

/** An installed kimi-code; its program is Node. */
export interface KimiCode extends RealClient {
  /** The file that Node runs. */
  readonly main: string;
}

/** The message if npm has no Node for this system. */
export const NO_NODE = `no Node for ${Deno.build.os} on npm`;

/** kimi-code needs 22.19 or later. */
export const NODE_VERSION = "22.23.3";

const PACKAGE = "@moonshot-ai/kimi-code";

/** Installs kimi-code from npm into `.cache/`, unless it is there; undefined if no Node runs it. */
export async function installKimiCode(
  version: string = KIMI_CODE_VERSION,
): Promise<KimiCode | undefined> {
  const program = await nodeProgram(NODE_VERSION);
  if (program === undefined) return undefined;
  // Its script would rename a `kimi` on PATH, and that of node-pty needs a compiler.
  const how = { folder: `kimi-code-${version}`, scripts: false };
  const folder = await installTool(`${PACKAGE}@${version}`, how);
  const main = join(folder, "node_modules", PACKAGE, "dist", "main.mjs");
  return {
    name: "kimi-code",
    version,
    program,
    main,
    login: [main, "login"],
    ask: (question, again) => [main, "--prompt", question, ...(again ? ["--continue"] : [])],
    environment: (home, service, deviceHome = home) => environment(home, service, deviceHome),
  };
}

function environment(home: string, service: Service, deviceHome: string): Record<string, string> {
  return {
    HOME: home,
    USERPROFILE: home,
    KIMI_CODE_HOME: join(deviceHome, ".kimi-code"),
    KIMI_DISABLE_TELEMETRY: "1",
    KIMI_CODE_NO_AUTO_UPDATE: "1",
    KIMI_CODE_OAUTH_HOST: service.url,
    KIMI_CODE_BASE_URL: service.apiBase,
    // `kimi login` opens one.
    BROWSER: "true",
    NO_COLOR: "1",
    PATH: Deno.env.get("PATH") ?? "",
    TMPDIR: home,
  };
}
