/** Checks the answers of the service: hosts, token, clock, and the account's models. */

import { remainingSeconds } from "../../../client/tokens/credential.ts";
import { MODEL_ID, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { otherClients } from "../../../kimi/clients/other_clients.ts";
import { upgradeHint } from "../../../kimi/models/upgrade_hint.ts";
import type { Model } from "../../../kimi/models/catalog.ts";
import { text } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import { namedModels } from "../../../kimi/models/named_models.ts";
import { child, findValues, hasPlaceholder } from "../collect/config_values.ts";
import type { HostAnswer } from "../online.ts";
import { type DoctorContext, note, problem } from "./finding.ts";

/** A larger difference between the clocks makes the times of tokens wrong. */
const CLOCK_LIMIT_MS = 60_000;

export function* checkOnline(context: DoctorContext) {
  const { online, machine: { now, auth, isNamedFile }, login: { credential } } = context;
  if (online === undefined) return;
  const { oauth, api, clockAhead = 0, models } = online;
  yield* checkAnswer(context, "oauth", oauth);
  yield* checkAnswer(context, "api", api);
  const isExpired = credential !== undefined && remainingSeconds(credential, now) <= 0;
  if (isExpired && api.state === "reached") {
    const what =
      "the models are unknown: the access token has expired, and doctor does not refresh it";
    const fix = isNamedFile
      ? `npx opencode-kimi-full usage --auth-file ${auth.path} refreshes it`
      : "npx opencode-kimi-full usage refreshes it, and so does opencode";
    yield note("token-expired", what, fix);
  }
  if (Math.abs(clockAhead) > CLOCK_LIMIT_MS) {
    const side = clockAhead > 0 ? "ahead of" : "behind";
    const what = `this machine's clock is ${duration(Math.abs(clockAhead))} ${side} the service's`;
    yield problem("clock", what, "set the clock, for example by turning on NTP");
  }
  if (models !== undefined) yield* checkModels(context, models);
}

function* checkAnswer(
  { client, hosts, login: { region, command } }: DoctorContext,
  host: "oauth" | "api",
  answer: HostAnswer,
) {
  if (answer.state === "not-reached") {
    yield problem(`${host}-${answer.fault}`, answer.problem, answer.fix);
  }
  if (answer.state !== "refused" || hasPlaceholder(hosts[host])) return;
  const { status, why } = answer;
  if (host === "oauth") {
    const fix = status === 403
      ? `write into the plugin's options ${otherClients(client)}`
      : "try again later, and check the setting that names the host";
    yield problem("login-code-refused", `the OAuth host refuses a login code: ${why}`, fix);
  } else if (status === 401) {
    const what = "the API does not accept the access token, although it has not expired";
    yield problem("token-refused", what, command(region));
  } else {
    // Such as "what happened: what to do. Kimi says: … (trace id …)".
    const [, what = why, , fix = "try again later", quoted = ""] =
      /^(.*?)(: (.+?))?((?:\. Kimi says: | \(trace id ).*)?$/s.exec(why) ?? [];
    yield problem("models-refused", `the API does not list models: ${what}${quoted}`, fix);
  }
}

/** Compares the account's models with those that the configuration names. */
function* checkModels(
  { provider, discover, machine: { config } }: DoctorContext,
  models: readonly Model[],
) {
  const usable = models.filter(({ protocol }) => protocol === undefined);
  const offered = new Set(usable.map(({ id }) => id));
  const users = child(provider, "models");
  for (const key of Object.keys(users)) {
    const id = text(child(users, key).id) ?? key;
    const what = `the provider's entry has the model "${id}", which the account does not have`;
    const fix = "remove it, or see https://www.kimi.com/code for the plan that includes it";
    if (!offered.has(id)) yield problem("model-missing", what, fix);
  }
  for (const { value, source } of findValues(config, namedModels)) {
    const model = value.slice(PROVIDER_ID.length + 1);
    const isOwn = value.startsWith(`${PROVIDER_ID}/`);
    if (!isOwn || Object.hasOwn(users, model) || offered.has(model)) continue;
    const what = `${source} names the model "${model}", which the account does not have`;
    yield problem("model-missing", what, `choose one of ${[...offered].join(", ")}`);
  }
  const line = discover ? undefined : upgradeHint(models, { [MODEL_ID]: {}, ...users });
  if (line !== undefined) yield note("discover", line);
}
