/** Checks the provider's entry in opencode's configuration, and those of other ids of Kimi's plan. */

import { readEntry } from "../../../client/auth_json/edit.ts";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { namedModels } from "../../../kimi/models/named_models.ts";
import { KNOWN_MODELS } from "../../../kimi/models/catalog.ts";
import { isObject, type JsonObject, printable, text } from "../../../kimi/util/json.ts";
import { child, findValues } from "../collect/config_values.ts";
import { textAt } from "../collect/path_state.ts";
import { type DoctorContext, note, problem } from "./finding.ts";

const SDK = "@ai-sdk/openai-compatible";

export function* checkProvider({ provider, machine: { config } }: DoctorContext) {
  const isIn = (file: unknown) => child(file, "provider")[PROVIDER_ID] !== undefined;
  const { path } = config.files.findLast(({ config }) => isIn(config)) ?? { path: "opencode.json" };
  const entry = `the entry "${PROVIDER_ID}" in ${path}`;
  const { apiKey } = child(provider, "options");
  const npm = text(provider?.npm) ?? SDK;
  if (npm !== SDK) {
    const what = `${entry} has "npm": "${printable(npm)}", but the plugin needs ${SDK}`;
    yield problem("provider-npm", what, `write "npm": "${SDK}", or remove the line`);
  }
  if (apiKey !== undefined) {
    yield note("provider-key", `${entry} has an "apiKey", which is never sent`, "remove it");
  }
  const known = [...KNOWN_MODELS.map(({ id }) => id), ...Object.keys(child(provider, "models"))];
  const { whitelist } = provider ?? {};
  if (Array.isArray(whitelist) && !known.some((id) => whitelist.includes(id))) {
    const what = `"whitelist" of ${entry} leaves out every known model of the plan`;
    yield problem("provider-whitelist", what, `remove it, or add "${KNOWN_MODELS[0]?.id}"`);
  }
}

/** Finds lists of providers that leave this one out. */
export function* checkEnabled({ machine: { config } }: DoctorContext) {
  const lists = (name: string) =>
    findValues(config, (file) => Array.isArray(file[name]) ? [file[name]] : []);
  const disabled = lists("disabled_providers").find(({ value }) => value.includes(PROVIDER_ID));
  if (disabled !== undefined) {
    const what = `${disabled.source} lists ${PROVIDER_ID} in "disabled_providers"`;
    yield problem("provider-disabled", what, "remove it");
  }
  const enabled = lists("enabled_providers").at(-1);
  if (enabled !== undefined && !enabled.value.includes(PROVIDER_ID)) {
    const what = `${enabled.source} does not list ${PROVIDER_ID} in "enabled_providers"`;
    yield problem("provider-disabled", what, "add it");
  }
}

const ownEntry = (host: string) => `opencode's own entry, with an API key of the plan, at ${host}`;

/**
 * Other ids under which Kimi's plan is or was known, and whether opencode no longer offers them. Source:
 * models.dev as opencode 1.14.34 and 1.18.33 contain it, and the documents of the plugins.
 */
export const PROVIDER_IDS = [
  {
    id: "kimi-for-coding",
    meaning: "models.dev's older entry, with an API key and Anthropic's protocol; " +
      "opencode 1.18 no longer has it",
    isGone: true,
  },
  { id: "kimi-code-plan-cn", meaning: ownEntry("api.kimi.com"), isGone: false },
  { id: "kimi-code-plan-global", meaning: ownEntry("api.kimi.ai"), isGone: false },
  { id: "kimi-code", meaning: "the provider of opencode-kimi-subscription", isGone: true },
];

/** Finds the ids in the configuration and in auth.json. */
export function* checkProviderIds({ machine: { auth, config } }: DoctorContext) {
  for (const { id, meaning, isGone } of PROVIDER_IDS) {
    const isStored = readEntry(textAt(auth), id) !== undefined;
    const isIn = (file: JsonObject) =>
      isObject(child(file, "provider")[id]) ||
      namedModels(file).some((name) => name.startsWith(`${id}/`));
    const files = config.files.filter(({ config = {} }) => isIn(config)).map(({ path }) => path);
    const places = [...isStored ? [auth.path] : [], ...files].join(", ");
    if (places === "") continue;
    const what = (verb: string) => `"${id}" (${meaning}) is ${verb} ${places}`;
    const logout = isStored ? [`opencode auth logout ${id}`] : [];
    const rename = `write "${PROVIDER_ID}" instead, and log in: ${loginCommand()}`;
    const fix = [...logout, ...files.length === 0 ? [] : [rename]].join("; ");
    yield isGone
      ? problem("old-id", what("still in"), fix)
      : note("other-id", what("in"), "it may stay: it does not disturb this plugin");
  }
}
