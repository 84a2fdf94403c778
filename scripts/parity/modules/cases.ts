/** Inputs for single functions: machines, budgets, lifetimes, variables, forms. */

import type { OsFacts } from "../../../lib/runtime/device/facts.ts";
import type { Device } from "../../../lib/kimi/identity/fingerprint.ts";
import { goldenPath } from "../golden.ts";
import type { Conversation } from "./generate.ts";
import { PHRASES } from "./random.ts";

export interface HeaderCase {
  readonly facts: Device;
}

export interface MachineCase {
  readonly os: OsFacts;
  /** `os.uname()` and macOS' `SystemVersion.plist`, or Windows Management Instrumentation. */
  readonly python: unknown;
}

/** In tokens. */
export interface BudgetCase {
  readonly context: number;
  readonly input: number;
  readonly cap?: number;
}

/** In seconds. */
export interface RefreshCase {
  readonly lifetime: number;
  readonly remaining: number;
}

export interface SwitchCase extends Conversation {
  readonly variables: Readonly<Record<string, string>>;
}

/** `token` is the device code or the refresh token. */
export interface FormCase {
  readonly kind: "device" | "poll" | "refresh";
  readonly token: string;
}

export interface TextCase {
  readonly text: string;
  readonly times: number;
}

/** Cases written by hand into a golden file; add one with any result, and run the check with --write. */
function storedCases<Case>(job: string): readonly Case[] {
  const lines: readonly { readonly case: Case }[] = JSON.parse(
    Deno.readTextFileSync(goldenPath("golden", job)),
  );
  return lines.map((line) => line.case);
}

/** Machines of all kinds, and names that a header cannot hold. */
export function headerCases(): readonly HeaderCase[] {
  return storedCases("headers");
}

/** Clients and servers of each system, as `node:os` and as the system itself describe them. */
export function machineCases(): readonly MachineCase[] {
  return storedCases("machines");
}

export function budgetCases(): readonly BudgetCase[] {
  const caps = [undefined, 1, 8_192, 400_000];
  return [-1, 0, 1_024, 32_768, 262_144].flatMap((context) =>
    [0, 1, 500, 31_744, 31_745, 300_000].flatMap((input) =>
      caps.map((cap) => ({ context, input, ...(cap === undefined ? {} : { cap }) }))
    )
  );
}

/** Tokens on both sides of each threshold. */
export function refreshCases(): readonly RefreshCase[] {
  return [1, 60, 300, 599, 600, 602, 900, 3_600, 86_400].flatMap((lifetime) => {
    const threshold = Math.max(300, lifetime / 2);
    return [-100, 0, 1, 299.999, 300, threshold - 0.001, threshold, threshold + 1, lifetime]
      .filter((remaining, index, all) => remaining <= lifetime && all.indexOf(remaining) === index)
      .map((remaining) => ({ lifetime, remaining }));
  });
}

/** Texts, some longer than the buffer of the estimate. */
export function textCases(): readonly TextCase[] {
  return [
    ...["", "a", "abc", "abcd", "abcde", ...PHRASES].map((text) => ({ text, times: 1 })),
    ...["0123456789abcdef", "请把", "𠮷", "a𠮷", "é", "👩‍💻 ", "\u0000\u007f\u0080\u07ff\u0800\uffff"]
      .flatMap((text) => [1_000, 16_385].map((times) => ({ text, times }))),
  ];
}

/** Valid and invalid values of kimi-cli's variables, and their precedence. */
export function switchCases(): readonly SwitchCase[] {
  const most = "KIMI_MODEL_MAX_COMPLETION_TOKENS";
  const old = "KIMI_MODEL_MAX_TOKENS";
  const caps = ["4096", "1", "0", "-5", "", " 8_192 ", "+7", "many", "1e3", "4096.0", "99999999"];
  const sets: readonly Readonly<Record<string, string>>[] = [
    ...caps.map((cap) => ({ [most]: cap })),
    { [old]: "2048" },
    ...["many", "", "0", "4096"].map((cap) => ({ [most]: cap, [old]: "2048" })),
    ...["0.6", "0.95", " 1.5 ", "2.5e-1", "+.5", ""].map((value) => ({
      KIMI_MODEL_TEMPERATURE: value,
    })),
    { KIMI_MODEL_TOP_P: "0.95" },
    { KIMI_MODEL_TOP_P: "0.5", KIMI_MODEL_TEMPERATURE: "0.7", [most]: "100" },
    ...["all", "", "last"].map((keep) => ({ KIMI_MODEL_THINKING_KEEP: keep })),
    ...["８１９２", "\u00a0٤_0𝟗６\u0085", "①", "８\u001c"].map((cap) => ({
      [most]: cap,
    })),
    { KIMI_MODEL_TEMPERATURE: "٠.２5", KIMI_MODEL_TOP_P: "९e-１" },
  ];
  return sets.flatMap((variables, index) =>
    ["default", "off", "high"].map((effort) => ({
      name: `variables-${index}-${effort}`,
      session: "ses_switches",
      effort,
      context: 262_144,
      tools: [],
      messages: [{ role: "user", text: "hello" }],
      variables,
    }))
  );
}

export function formCases(): readonly FormCase[] {
  const tokens = [
    "3f1c9a52-7d0e-4b57-9c3e-5a1f0c2b7d11",
    "eyJhbGciOiJIUzUxMiJ9.eyJqdGkiOiJfLSJ9.a-b_c",
    "MjAyNg+/=",
    "a~b*c d%7E%2A",
  ];
  return [
    { kind: "device", token: "" },
    ...tokens.map((token) => ({ kind: "poll" as const, token })),
    ...tokens.map((token) => ({ kind: "refresh" as const, token })),
  ];
}
