/** Checks the provider's entry in opencode's configuration. */

import {
  DEFAULT_API_BASE,
  GLOBAL_API_BASE,
  PROVIDER_ID,
} from "../../../kimi/identity/constants.ts";
import { isObject, printable, text } from "../../../kimi/util/json.ts";
import { child, findValues, hasPlaceholder } from "../collect/config_values.ts";
import { type DoctorContext, type Findings, note, problem } from "./finding.ts";

/** The package that opencode loads for the provider. */
const SDK = "@ai-sdk/openai-compatible";

/** Path of Kimi's coding API on its hosts. */
const API_PATH = new URL(DEFAULT_API_BASE).pathname;

/** Checks the members of the entry. */
export function* checkProvider({ provider, machine: { config } }: DoctorContext): Findings {
  const isIn = (file: unknown) => child(file, "provider")[PROVIDER_ID] !== undefined;
  // The file with the highest precedence that has one.
  const { path } = config.files.findLast(({ config }) => isIn(config)) ?? { path: "opencode.json" };
  const entry = `the entry "${PROVIDER_ID}" in ${path}`;
  const { apiKey, baseURL } = child(provider, "options");
  const npm = text(provider?.npm) ?? SDK;
  if (npm !== SDK) {
    const what = `${entry} has "npm": "${printable(npm)}", but the plugin needs ${SDK}`;
    yield problem("provider-npm", what, `write "npm": "${SDK}", or remove the line`);
  }
  if (apiKey !== undefined) {
    yield note("provider-key", `${entry} has an "apiKey", which is never sent`, "remove it");
  }
  const base = text(baseURL)?.trim().replace(/\/+$/, "") ?? "";
  const option = `options.baseURL of ${entry}`;
  const mistake = mistakeIn(base);
  if (hasPlaceholder(base)) {
    yield note("base-url", `${option} has a placeholder: it was not checked`);
  } else if (mistake !== undefined) {
    const fix = "remove options.baseURL: the default is right";
    yield problem("base-url", `${option} ${mistake}`, fix);
  }
  if (provider?.models !== undefined && !isObject(provider.models)) {
    yield problem("provider-models", `"models" of ${entry} is not an object`, "remove it");
  }
}

function mistakeIn(base: string): string | undefined {
  if (["", DEFAULT_API_BASE, GLOBAL_API_BASE].includes(base)) return undefined;
  if (!URL.canParse(base)) return "is not a URL";
  const { hostname, pathname } = new URL(base);
  if (/(?:^|\.)moonshot\.(?:cn|ai)$/.test(hostname)) {
    return "is Moonshot's pay-as-you-go API, which does not accept this login";
  }
  const isKimi = /(?:^|\.)kimi\.(?:com|ai)$/.test(hostname);
  return isKimi && pathname !== API_PATH
    ? `has the path ${printable(pathname)}, not ${API_PATH}`
    : undefined;
}

/** Finds lists of providers that leave this one out. */
export function* checkEnabled({ machine: { config } }: DoctorContext): Findings {
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
