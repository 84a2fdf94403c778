/** Checks the settings that change requests: efforts, temperatures, KIMI_MODEL_* and proxies. */

import { modelFacts } from "../../../client/chat/chat_model.ts";
import { ignoredProxy } from "../../../client/net/network_error.ts";
import { readEnvSettings } from "../../../kimi/chat/env_settings.ts";
import { MODEL_ID, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import {
  finite,
  isObject,
  type JsonObject,
  objectOf,
  printable,
  text,
} from "../../../kimi/util/json.ts";
import { child, findValues } from "../collect/config_values.ts";
import { type DoctorContext, note, problem } from "./finding.ts";
import { effortIn, wireBody } from "../wire_body.ts";

/** Options that the configuration sets for a model. */
interface Setting {
  /** Where they stand, such as `the variant "fast" of the model "k3"`. */
  readonly where: string;
  /** The model's id. */
  readonly model: string;
  readonly fields: JsonObject;
  /** Whether a temperature among them is sent; that of a variant or an agent is not. */
  readonly isSent: boolean;
}

/** Finds efforts that a model lacks, and temperatures that the service refuses. */
export function* checkEfforts({ machine: { config }, client, provider, online }: DoctorContext) {
  const account = online?.models ?? [];
  const main = text(findValues(config, ({ model }) => text(model) ? [model] : []).at(-1)?.value);
  const idOf = (key: string) => text(child(child(provider, "models"), key).id) ?? key;
  for (const { value: file, source } of findValues(config, (file) => [file])) {
    for (const setting of [...ofModels(file, idOf), ...ofAgents(file, idOf, main)]) {
      const { where, model, fields } = setting;
      const [facts] = modelFacts(model, account);
      const { thinking, reasoningEffort, reasoning_effort } = fields;
      const chooses = { thinking, reasoning_effort: reasoningEffort ?? reasoning_effort };
      const chosen = effortIn(chooses);
      const context = { abilities: facts ?? {} };
      const sent = chosen && effortIn(wireBody(client, { model, ...chooses }, context));
      if (sent !== chosen) {
        const what = `${where} in ${source} chooses the effort "${printable(chosen)}", which ` +
          `${model} does not have: ${sent === undefined ? "none" : `"${sent}"`} is sent`;
        const known = facts?.efforts?.join(", ");
        yield note("effort", what, known ? `choose one of ${known}` : "remove it");
      }
      yield* checkSampling(setting, chosen, `${where} in ${source}`);
    }
  }
}

function* ofModels(file: JsonObject, idOf: (key: string) => string): Iterable<Setting> {
  const models = child(child(child(file, "provider"), PROVIDER_ID), "models");
  for (const key of Object.keys(models)) {
    const [model, at] = [idOf(key), `the model "${printable(key)}"`];
    const fields = child(child(models, key), "options");
    yield { where: at, model, fields, isSent: true };
    const variants = child(child(models, key), "variants");
    for (const name of Object.keys(variants)) {
      const where = `the variant "${printable(name)}" of ${at}`;
      yield { where, model, fields: child(variants, name), isSent: false };
    }
  }
}

/** opencode takes the unknown members of an agent for options. */
function* ofAgents(
  file: JsonObject,
  idOf: (key: string) => string,
  main: string | undefined,
): Iterable<Setting> {
  for (const [name, agent] of Object.entries({ ...child(file, "mode"), ...child(file, "agent") })) {
    if (!isObject(agent)) continue;
    const [id, model = ""] = (text(agent.model) ?? main ?? "").split(/\/(.*)/s);
    if (id !== PROVIDER_ID) continue;
    const fields = { ...agent, ...child(agent, "options") };
    yield { where: `the agent "${printable(name)}"`, model: idOf(model), fields, isSent: false };
  }
}

const SAMPLING = ["temperature", "top_p"] as const;

/** The only value that the service takes. Source: https://github.com/HKUDS/nanobot/issues/4967 */
function accepted(name: typeof SAMPLING[number], effort?: string): number {
  return name === "top_p" ? 0.95 : effort === "off" ? 0.6 : 1;
}

function* checkSampling({ fields, isSent }: Setting, effort: string | undefined, where: string) {
  for (const name of SAMPLING) {
    const value = finite(fields[name]);
    const only = accepted(name, effort);
    if (value === undefined || value === only) continue;
    yield isSent
      ? problem("sampling", `${where} has "${name}": ${value}: ${refusal(only)}`, "remove it")
      : note("sampling", `"${name}" of ${where} is never sent to Kimi`, "remove it");
  }
}

function refusal(only: number): string {
  return `Kimi refuses every request with it, because it takes only ${only}`;
}

/** Checks the values of the KIMI_MODEL_* variables. */
export function* checkVariables({ client, machine: { variables } }: DoctorContext) {
  const settings = readEnvSettings(variables);
  const { problems, temperature, topP, thinkingEffort } = settings;
  for (const what of problems) {
    yield problem("variable", what, `unset ${what.split(" ", 1)[0]}, or set it to a number`);
  }
  for (const [name, value] of [["temperature", temperature], ["top_p", topP]] as const) {
    const variable = `KIMI_MODEL_${name.toUpperCase()}`;
    const what = `${variable} is ${value}: ${refusal(accepted(name))} while the model thinks`;
    if (value !== undefined && value !== accepted(name)) {
      yield problem("sampling", what, `unset ${variable}`);
    }
  }
  const { keep = "all", effort } = objectOf(wireBody(client, {}, { settings }).thinking);
  if (keep !== "all") {
    const what = 'KIMI_MODEL_THINKING_KEEP is sent as it is, and Kimi knows only "all"';
    yield note("variable", what, "unset KIMI_MODEL_THINKING_KEEP");
  }
  const efforts = modelFacts(MODEL_ID, [])[0]?.efforts ?? [];
  if (thinkingEffort !== undefined && effort !== thinkingEffort) {
    const what = `KIMI_MODEL_THINKING_EFFORT has no effect: the client ${client} does not read it`;
    yield note("variable", what, "choose a variant in opencode instead");
  } else if (thinkingEffort !== undefined && !efforts.includes(thinkingEffort)) {
    const what =
      `KIMI_MODEL_THINKING_EFFORT is "${printable(thinkingEffort)}", which is sent as it ` +
      `is, and ${MODEL_ID} does not have it`;
    yield problem("effort", what, `set it to one of ${efforts.join(", ")}, or unset it`);
  }
}

/** Finds a proxy that this runtime does not use, unlike opencode. */
export function* checkProxy({ machine: { variables, versions } }: DoctorContext) {
  const [ignored, fix] = ignoredProxy({ variables, versions })?.split(/: (.*)/s) ?? [];
  if (ignored === undefined) return;
  yield note("proxy-ignored", `${ignored}, but opencode does: the commands take another way`, fix);
}
