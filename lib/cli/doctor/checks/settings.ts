/** Checks the settings that change requests: efforts, temperatures, KIMI_MODEL_* and proxies. */

import { modelFacts } from "../../../client/chat/chat_model.ts";
import { ignoredProxy } from "../../../client/net/network_error.ts";
import { readEnvSettings } from "../../../kimi/chat/env_settings.ts";
import { MODEL_ID, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { finite, type JsonObject, objectOf, printable, text } from "../../../kimi/util/json.ts";
import { child, findValues } from "../collect/config_values.ts";
import { type DoctorContext, note, problem } from "./finding.ts";
import { effortIn, wireBody } from "../wire_body.ts";

/** Finds efforts that a model lacks, and temperatures that the service refuses. */
export function* checkEfforts({ machine: { config }, client, provider, online }: DoctorContext) {
  const main = text(findValues(config, ({ model }) => text(model) ? [model] : []).at(-1)?.value);
  const settings = findValues(config, (file) => [...settingsIn(file, provider, main)]);
  for (const { value: { owner, model, fields, isSent }, source } of settings) {
    const where = `${owner} in ${source}`;
    const [facts] = modelFacts(model, online?.models ?? []);
    const { thinking, reasoningEffort, reasoning_effort } = fields;
    const chooses = { thinking, reasoning_effort: reasoningEffort ?? reasoning_effort };
    const chosen = effortIn(chooses);
    const context = { abilities: facts ?? {} };
    const sent = chosen && effortIn(wireBody(client, { model, ...chooses }, context));
    if (sent !== chosen) {
      const what = `${where} chooses the effort "${printable(chosen)}", which ` +
        `${model} does not have: ${sent === undefined ? "none" : `"${sent}"`} is sent`;
      const known = facts?.efforts?.join(", ");
      yield note("effort", what, known ? `choose one of ${known}` : "remove it");
    }
    for (const name of SAMPLING) {
      const value = finite(fields[name]);
      const only = accepted(name, chosen);
      if (value === undefined || value === only) continue;
      yield isSent
        ? problem("sampling", `${where} has "${name}": ${value}: ${refusal(only)}`, "remove it")
        : note("sampling", `"${name}" of ${where} is never sent to Kimi`, "remove it");
    }
  }
}

/** The options that a file sets, and whether a temperature among them is sent. */
function* settingsIn(file: JsonObject, provider: unknown, main = "") {
  const idOf = (key: string) => text(child(child(provider, "models"), key).id) ?? key;
  const models = child(child(child(file, "provider"), PROVIDER_ID), "models");
  for (const key of Object.keys(models)) {
    const [model, owner] = [idOf(key), `the model "${printable(key)}"`];
    yield { owner, model, fields: child(child(models, key), "options"), isSent: true };
    const variants = child(child(models, key), "variants");
    for (const name of Object.keys(variants)) {
      const variant = `the variant "${printable(name)}" of ${owner}`;
      yield { owner: variant, model, fields: child(variants, name), isSent: false };
    }
  }
  const agents = { ...child(file, "mode"), ...child(file, "agent") };
  for (const name of Object.keys(agents)) {
    const agent = child(agents, name);
    const [id, model = ""] = (text(agent.model) ?? main).split(/\/(.*)/s);
    if (id !== PROVIDER_ID) continue;
    // opencode takes the unknown members of an agent for options.
    const fields = { ...agent, ...child(agent, "options") };
    const owner = `the agent "${printable(name)}"`;
    yield { owner, model: idOf(model), fields, isSent: false };
  }
}

const SAMPLING = ["temperature", "top_p"] as const;

/** The only value that the service takes. Source: https://github.com/HKUDS/nanobot/issues/4967 */
function accepted(name: typeof SAMPLING[number], effort?: string): number {
  return name === "top_p" ? 0.95 : effort === "off" ? 0.6 : 1;
}

function refusal(only: number): string {
  return `Kimi refuses every request with it, because it takes only ${only}`;
}

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
  if (thinkingEffort === undefined) return;
  const efforts = modelFacts(MODEL_ID, [])[0]?.efforts ?? [];
  if (effort !== thinkingEffort) {
    const what = `KIMI_MODEL_THINKING_EFFORT has no effect: the client ${client} does not read it`;
    yield note("variable", what, "choose a variant in opencode instead");
  } else if (!efforts.includes(thinkingEffort)) {
    const what = `KIMI_MODEL_THINKING_EFFORT is "${printable(thinkingEffort)}", ` +
      `which is sent as it is, and ${MODEL_ID} does not have it`;
    yield problem("effort", what, `set it to one of ${efforts.join(", ")}, or unset it`);
  }
}

/** Finds a proxy that this runtime does not use, unlike opencode. */
export function* checkProxy({ machine: { variables, versions } }: DoctorContext) {
  const [ignored, fix] = ignoredProxy({ variables, versions })?.split(/: (.*)/s) ?? [];
  if (ignored === undefined) return;
  yield note("proxy-ignored", `${ignored}, but opencode does: the commands bypass the proxy`, fix);
}
