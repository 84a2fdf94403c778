/**
 * What may be wrong with the service, as it is seen from this machine, and the account's models.
 *
 * @module
 */

import { remainingSeconds } from "../../../client/tokens/credential.ts";
import { MODEL_ID, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { gainLine } from "../../../kimi/models/upgrade_hint.ts";
import { KNOWN_MODELS, type Model } from "../../../kimi/models/catalog.ts";
import { finite, isObject, type JsonObject, text } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import { child, isFilledIn, modelReferences } from "../collect/config_values.ts";
import type { Examination } from "../diagnosis.ts";
import { type Finding, note, problem } from "./finding.ts";
import type { Answered, Online } from "../online.ts";

/** From here on a clock disturbs the times of tokens. */
const CLOCK_MS = 60_000;

/**
 * Looks for what is wrong online.
 *
 * @param examination What follows from what was seen.
 * @param online What the service answered.
 * @returns The findings.
 */
export function onlineFindings(
  examination: Examination,
  online: Online,
): readonly Finding[] {
  const { models } = online;
  return [
    ...answerFindings("oauth", online.oauth, examination),
    ...answerFindings("api", online.api, examination),
    ...tokenFindings(examination, online),
    ...clockFindings(online.clockAhead),
    ...(models === undefined ? [] : modelFindings(examination, models)),
    ...(models === undefined ? [] : gainFindings(examination, models)),
  ];
}

function answerFindings(
  what: "oauth" | "api",
  answered: Answered,
  { login, client, hosts }: Examination,
): readonly Finding[] {
  if (answered.state === "not-reached") {
    return problem(`${what}-${answered.fault}`, answered.problem, answered.cure);
  }
  if (answered.state !== "refused" || isFilledIn(hosts[what])) return [];
  const { status, why } = answered;
  if (what === "api" && status === 401) {
    const said = "the API does not accept the access token, though it has not expired";
    return problem("token-refused", said, loginCommand(login.region));
  }
  if (what === "oauth") {
    const cure = status === 403 && client === "kimi-cli"
      ? 'write "client": "opencode" into the plugin\'s options'
      : "try again later, and check what names the host";
    return problem("login-code-refused", `the OAuth host gives no login code: ${why}`, cure);
  }
  // The service's failures are explained as "what happened: what to do. Kimi says: … (trace id …)".
  const [, explained = why, quoted = ""] =
    /^(.*?)((?:\. Kimi says: | \(trace id ).*)?$/s.exec(why) ??
      [];
  const [said = explained, cure = "try again later"] = explained.split(/: (.+)/s);
  return problem("models-refused", `the API gives no models: ${said}${quoted}`, cure);
}

function tokenFindings(
  { machine: { now }, login: { credential } }: Examination,
  { wasTokenShown, api }: Online,
): readonly Finding[] {
  if (wasTokenShown || credential === undefined || api.state !== "reached") return [];
  if (remainingSeconds(credential, now) > 0) return [];
  const what =
    "the models were not asked for: the access token has expired, and doctor refreshes none";
  return note(
    "token-expired",
    what,
    "npx opencode-kimi-full usage refreshes it, and so does opencode",
  );
}

function clockFindings(ahead: number | undefined): readonly Finding[] {
  if (ahead === undefined || Math.abs(ahead) <= CLOCK_MS) return [];
  const side = ahead > 0 ? "ahead of" : "behind";
  const what = `this machine's clock is ${duration(Math.abs(ahead))} ${side} the service's`;
  return problem("clock", what, "set the clock, for instance by switching on NTP");
}

function modelFindings(
  { provider, machine: { config } }: Examination,
  models: readonly Model[],
): readonly Finding[] {
  const offered = new Set(
    models.filter(({ protocol }) => protocol === undefined).map(({ id }) => id),
  );
  const configured = Object.entries(child(provider, "models"))
    .map(([key, model]) => ({ key, id: text(child({ model }, "model").id) ?? key }));
  const missing = configured.filter(({ id }) => !offered.has(id));
  const known = new Set(configured.map(({ key }) => key));
  const named = modelReferences(config).flatMap(({ value, where }) => {
    const [id, model] = value.split(/\/(.*)/s);
    const isUnknown = id === PROVIDER_ID && model !== undefined && !known.has(model) &&
      !offered.has(model);
    return isUnknown ? [{ model, where }] : [];
  });
  return [
    ...missing.flatMap(({ id }) =>
      problem(
        "model-missing",
        `the provider's entry has the model "${id}", which the account does not have`,
        "take it out, or see https://www.kimi.com/code for the plan that includes it",
      )
    ),
    ...named.flatMap(({ model, where }) =>
      problem(
        "model-missing",
        `${where} names the model "${model}", which the account does not have`,
        `choose one of ${[...offered].join(", ")}`,
      )
    ),
  ];
}

/** What the option `discover` would add to what is offered without it. */
function gainFindings(
  { provider, discover }: Examination,
  models: readonly Model[],
): readonly Finding[] {
  const users = child(provider, "models");
  const keys = [MODEL_ID, ...Object.keys(users)];
  const offered = Object.fromEntries(keys.map((key) => [key, offeredModel(key, users[key])]));
  const line = discover ? undefined : gainLine(models, offered, users);
  return line === undefined ? [] : note("discover", line);
}

function offeredModel(key: string, model: unknown): JsonObject {
  const written = finite(child(child({ model }, "model"), "limit").context);
  const known = KNOWN_MODELS.find(({ id }) => id === key)?.contextLength;
  const context = written ?? known;
  return {
    ...(isObject(model) ? model : {}),
    ...(context === undefined ? {} : { limit: { context } }),
  };
}
