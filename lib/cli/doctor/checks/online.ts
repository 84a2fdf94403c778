/** Checks the answers of the service: hosts, token, clock, and the account's models. */

import { remainingSeconds } from "../../../client/tokens/credential.ts";
import { MODEL_ID, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { upgradeHint } from "../../../kimi/models/upgrade_hint.ts";
import { KNOWN_MODELS } from "../../../kimi/models/catalog.ts";
import { finite, type JsonObject, objectOf, text } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import { child, findModelNames, hasPlaceholder } from "../collect/config_values.ts";
import type { Online } from "../online.ts";
import { type Check, type DoctorContext, type Finding, note, problem } from "./finding.ts";

/** A larger difference between the clocks makes the times of tokens wrong. */
const CLOCK_LIMIT_MS = 60_000;

/** Skips a check if the service was not asked. */
function ifAsked(check: (context: DoctorContext, online: Online) => readonly Finding[]): Check {
  return (context) => context.online === undefined ? [] : check(context, context.online);
}

/** Handles the faults that both hosts can have. */
function checkAnswer(
  host: "oauth" | "api",
  explainRefusal: (context: DoctorContext, status: number, why: string) => readonly Finding[],
): Check {
  return ifAsked((context, online) => {
    const answer = online[host];
    if (answer.state === "not-reached") {
      return problem(`${host}-${answer.fault}`, answer.problem, answer.fix);
    }
    if (answer.state !== "refused" || hasPlaceholder(context.hosts[host])) return [];
    return explainRefusal(context, answer.status, answer.why);
  });
}

const checkLoginHost = checkAnswer("oauth", ({ client }, status, why) => {
  const fix = status === 403 && client === "kimi-cli"
    ? 'write "client": "opencode" into the plugin\'s options'
    : "try again later, and check the setting that names the host";
  return problem("login-code-refused", `the OAuth host refuses a login code: ${why}`, fix);
});

const checkApi = checkAnswer("api", ({ login: { region } }, status, why) => {
  if (status === 401) {
    const what = "the API does not accept the access token, although it has not expired";
    return problem("token-refused", what, loginCommand(region));
  }
  // Such as "what happened: what to do. Kimi says: … (trace id …)".
  const [, explained = why, quoted = ""] =
    /^(.*?)((?:\. Kimi says: | \(trace id ).*)?$/s.exec(why) ?? [];
  const [what = explained, fix = "try again later"] = explained.split(/: (.+)/s);
  return problem("models-refused", `the API does not list models: ${what}${quoted}`, fix);
});

const checkExpired = ifAsked(({ machine: { now }, login: { credential } }, online) => {
  if (online.wasTokenSent || credential === undefined || online.api.state !== "reached") return [];
  if (remainingSeconds(credential, now) > 0) return [];
  return note(
    "token-expired",
    "the models are unknown: the access token has expired, and doctor does not refresh it",
    "npx opencode-kimi-full usage refreshes it, and so does opencode",
  );
});

const checkClock = ifAsked((_, { clockAhead = 0 }) => {
  if (Math.abs(clockAhead) <= CLOCK_LIMIT_MS) return [];
  const side = clockAhead > 0 ? "ahead of" : "behind";
  const what = `this machine's clock is ${duration(Math.abs(clockAhead))} ${side} the service's`;
  return problem("clock", what, "set the clock, for example by turning on NTP");
});

const checkModels = ifAsked(({ provider, machine: { config } }, { models }) => {
  if (models === undefined) return [];
  const offered = new Set(
    models.filter(({ protocol }) => protocol === undefined).map(({ id }) => id),
  );
  const configured = Object.entries(child(provider, "models"))
    .map(([key, model]) => ({ key, id: text(child({ model }, "model").id) ?? key }));
  const keys = new Set(configured.map(({ key }) => key));
  const prefix = `${PROVIDER_ID}/`;
  const named = findModelNames(config).filter(({ value }) => value.startsWith(prefix))
    .map(({ value, source }) => ({ model: value.slice(prefix.length), source }));
  return [
    ...configured.filter(({ id }) => !offered.has(id)).flatMap(({ id }) =>
      problem(
        "model-missing",
        `the provider's entry has the model "${id}", which the account does not have`,
        "remove it, or see https://www.kimi.com/code for the plan that includes it",
      )
    ),
    ...named.filter(({ model }) => !keys.has(model) && !offered.has(model)).flatMap(
      ({ model, source }) =>
        problem(
          "model-missing",
          `${source} names the model "${model}", which the account does not have`,
          `choose one of ${[...offered].join(", ")}`,
        ),
    ),
  ];
});

/** Finds models that the option `discover` would add. */
const checkDiscover = ifAsked(({ provider, discover }, { models }) => {
  if (discover || models === undefined) return [];
  const users = child(provider, "models");
  const keys = [MODEL_ID, ...Object.keys(users)];
  const offered = Object.fromEntries(keys.map((key) => [key, offeredModel(key, users[key])]));
  const line = upgradeHint(models, offered, users);
  return line === undefined ? [] : note("discover", line);
});

function offeredModel(key: string, model: unknown): JsonObject {
  const written = finite(child(child({ model }, "model"), "limit").context);
  const context = written ?? KNOWN_MODELS.find(({ id }) => id === key)?.contextLength;
  return {
    ...objectOf(model),
    ...(context === undefined ? {} : { limit: { context } }),
  };
}

export const ONLINE_CHECKS: readonly Check[] = [
  checkLoginHost,
  checkApi,
  checkExpired,
  checkClock,
  checkModels,
  checkDiscover,
];
