/** Opens the page that confirms a login. */

import process from "node:process";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { browserProgram, canShowBrowser, startProgram } from "../../runtime/browser.ts";
import type { OptionValues, Terminal } from "../shared/command.ts";
import { describeError } from "../shared/deno_permissions.ts";
import { commandPermissions } from "../shared/permissions.ts";

/** What the choice to open a browser depends on. */
export interface BrowserDeps {
  /** `--no-browser` and `--json` prevent it. */
  readonly values: OptionValues;
  /** A pipe prevents it. */
  readonly terminal: Terminal;
  readonly variables: Variables;
  /** Called if the browser cannot be opened; the login goes on. */
  readonly onProblem: (problem: string) => void;
  readonly platform?: string;
  readonly start?: typeof startProgram;
}

/** Returns a function that opens a URL, or undefined if no browser should be opened. */
export function createBrowserOpener(
  { values, terminal, variables, onProblem, platform = process.platform, start = startProgram }:
    BrowserDeps,
): ((url: string) => Promise<void>) | undefined {
  if (values["no-browser"] === true || values.json === true || !terminal.out.isTerminal) {
    return undefined;
  }
  const report = (error: unknown) =>
    onProblem(describeError(error, commandPermissions("login", platform)));
  try {
    if (!canShowBrowser(platform, variables)) return undefined;
  } catch (error) {
    return void report(error);
  }
  return (url) => start(browserProgram(url, platform)).catch(report);
}
