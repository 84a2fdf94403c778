/** Reads the environment variables of Kimi's clients for requests. */

import { pythonFloat, pythonInt } from "../util/python_number.ts";

/** A set of environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Settings of the user in `KIMI_*` environment variables. */
export interface EnvSettings {
  /** Cap of `max_completion_tokens`; null to send none. */
  readonly maxCompletionTokens?: number | null;
  /** `temperature` of every request. */
  readonly temperature?: number;
  /** `top_p` of every request. */
  readonly topP?: number;
  /** `thinking.keep`, unchanged. */
  readonly thinkingKeep?: string;
  /** `thinking.effort` of each request that thinks; read by kimi-code alone. */
  readonly thinkingEffort?: string;
  /** A line for each variable that could not be read. */
  readonly problems: readonly string[];
}

/**
 * Reads the settings as kimi-cli does. An empty variable counts as unset. A cap that is not an integer
 * is ignored in favour of the next name; 0 or less sends no cap. A temperature or `top_p` that is not
 * a number, which ends kimi-cli, is ignored and reported.
 *
 * @see kimi-cli 1.51.0 `llm.py`: `create_llm`
 * @example
 * ```ts
 * import { readEnvSettings } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const { maxCompletionTokens } = readEnvSettings({
 *   KIMI_MODEL_MAX_COMPLETION_TOKENS: "many",
 *   KIMI_MODEL_MAX_TOKENS: "4096",
 * });
 * assertEquals(maxCompletionTokens, 4096);
 * ```
 */
export function readEnvSettings(variables: Variables): EnvSettings {
  const problems: string[] = [];
  const number = (name: string): number | undefined => {
    const raw = variables[name];
    if (raw === undefined || raw === "") return undefined;
    const value = pythonFloat(raw);
    if (value === undefined) problems.push(`${name} is not a number and is ignored`);
    return value;
  };
  const maxCompletionTokens = readCap(variables);
  const temperature = number("KIMI_MODEL_TEMPERATURE");
  const topP = number("KIMI_MODEL_TOP_P");
  const thinkingKeep = variables.KIMI_MODEL_THINKING_KEEP;
  const thinkingEffort = variables.KIMI_MODEL_THINKING_EFFORT?.trim().toLowerCase();
  return {
    ...(maxCompletionTokens === undefined ? {} : { maxCompletionTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(thinkingKeep === undefined || thinkingKeep === "" ? {} : { thinkingKeep }),
    ...(thinkingEffort === undefined || thinkingEffort === "" ? {} : { thinkingEffort }),
    problems,
  };
}

function readCap(variables: Variables): number | null | undefined {
  for (const name of ["KIMI_MODEL_MAX_COMPLETION_TOKENS", "KIMI_MODEL_MAX_TOKENS"]) {
    const value = pythonInt(variables[name] ?? "");
    if (value !== undefined) return value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : null;
  }
  return undefined;
}
