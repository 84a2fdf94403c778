/** What a run of the chaos breaks of that which must hold. */

import { isObject, parseObject, text } from "../../../lib/kimi/util/json.ts";
import { REJECTED } from "../../client/fixtures.ts";
import type { ChaosReport } from "./chaos.ts";

const MAX_SECONDS = 160;

/** What a request is told once the chain is lost, as the worker notes it. */
const LOST = JSON.stringify({ error: { message: REJECTED, type: "kimi_invalid_grant" } });

/** Gives one line for each thing that does not hold; none where all does. */
export function problemsOf(report: ChaosReport, after: boolean): readonly string[] {
  const { asked, answered, failures, revokedChains, remains, mode, entry, others } = report;
  const { step, hasDied } = report;
  const isLost = after || report.mayBeLost;
  const problems = [
    asked === 0 && "nobody was asked",
    step !== undefined && !hasDied && !isLost && `nobody died at the step "${step}"`,
    answered + failures.length !== asked && `${asked - answered - failures.length} got no answer`,
    isLost ? strangeFailures(failures) : failures.length > 0 && `failed: ${failures[0]}`,
    !isLost && revokedChains !== 0 && `${revokedChains} chains were revoked`,
    remains.length > 0 && `remains: ${remains.join(", ")}`,
    mode !== 0o600 && `auth.json has mode ${mode.toString(8)}`,
    !isLogin(entry) && "the login is no longer whole",
    !isKept(others.other, /^kept$/) && "an entry that nobody touched is gone",
    !report.othersKeepBytes && "the bytes of other entries have changed",
    !isKept(others.login, /^turn \d+$/) && "the other login is gone",
    report.seconds > MAX_SECONDS && `it took ${report.seconds.toFixed(0)} s`,
  ];
  return problems.filter((problem) => typeof problem === "string");
}

/** Where the chain was lost, a new login is asked for, in these words and no others. */
function strangeFailures(failures: readonly string[]): string | false {
  const strange = failures.find((failure) => failure !== `401 ${LOST}`);
  return strange !== undefined && `failed otherwise than by a lost chain: ${strange}`;
}

function isLogin(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const [, payload = ""] = text(entry.access)?.split(".") ?? [];
  const claims = parseObject(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  return entry.type === "oauth" && text(entry.refresh) !== undefined && claims !== undefined;
}

function isKept(entry: unknown, key: RegExp): boolean {
  return isObject(entry) && entry.type === "api" && key.test(text(entry.key) ?? "");
}
