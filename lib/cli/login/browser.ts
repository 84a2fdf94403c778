/**
 * Whether a command opens the user's browser, and how.
 *
 * @module
 */

import { messageOf } from "../../kimi/errors/kimi_error.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { browserProgram, type Program, canShowBrowser } from "../../runtime/browser.ts";
import type { OptionValues } from "../shared/command.ts";
import { denialOf, explainDenial, type Permission } from "../shared/deno_permissions.ts";
import type { Terminal } from "../shared/terminal.ts";

/** What the choice depends on. */
export interface BrowserContext {
  /** The options: `no-browser`, and `json` for a program that has its own way to show a URL. */
  readonly values: OptionValues;
  /** In a pipe nobody sees a browser. */
  readonly terminal: Terminal;
  /** `process.platform`. */
  readonly platform: string;
  /** The environment. */
  readonly variables: Variables;
  /** What the command asks Deno for. */
  readonly permissions: readonly Permission[];
  /** Starts a program. */
  readonly start: (program: Program) => Promise<void>;
  /** Told why it was not opened, where it should have been: no reason to fail, the URL is shown. */
  readonly onProblem: (problem: string) => void;
}

/**
 * Chooses.
 *
 * @param context What the choice depends on.
 * @returns A function that opens a URL, or undefined where none is to be opened.
 */
export function browserChoice(
  context: BrowserContext,
): ((url: string) => Promise<void>) | undefined {
  const { values, terminal, platform, variables, permissions, start, onProblem } = context;
  if (values["no-browser"] === true || values.json === true || !terminal.out.isTerminal) {
    return undefined;
  }
  const explain = (error: unknown) => {
    const denial = denialOf(error);
    onProblem(denial === undefined ? messageOf(error) : explainDenial(denial, permissions));
  };
  try {
    if (!canShowBrowser(platform, variables)) return undefined;
  } catch (error) {
    return void explain(error);
  }
  return (url) => start(browserProgram(url, platform)).catch(explain);
}
