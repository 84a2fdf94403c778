/** Checks the provider's entry in opencode's configuration. */

import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { REGIONS } from "../../../kimi/identity/regions.ts";
import { isObject, printable, text } from "../../../kimi/util/json.ts";
import { child, findValues, hasPlaceholder } from "../collect/config_values.ts";
import type { OpencodeConfig } from "../collect/opencode_config.ts";
import { type Check, note, problem } from "./finding.ts";

/** The package that opencode loads for the provider. */
const SDK = "@ai-sdk/openai-compatible";

/** Path of Kimi's coding API on its hosts. */
const API_PATH = new URL(REGIONS.com.api).pathname;

/** Names the entry by the file with the highest precedence that has one. */
function describeEntry(config: OpencodeConfig): string {
  const entries = findValues(config, (file) => {
    return child(file, "provider")[PROVIDER_ID] === undefined ? [] : [true];
  });
  return `the entry "${PROVIDER_ID}" in ${entries.at(-1)?.source ?? "opencode.json"}`;
}

const checkPackage: Check = ({ provider, machine: { config } }) => {
  const npm = text(provider?.npm) ?? SDK;
  if (npm === SDK) return [];
  return problem(
    "provider-npm",
    `${describeEntry(config)} has "npm": "${printable(npm)}", but the plugin needs ${SDK}`,
    `write "npm": "${SDK}", or remove the line`,
  );
};

const checkApiKey: Check = ({ provider, machine: { config } }) => {
  if (child(provider, "options").apiKey === undefined) return [];
  const what = `${describeEntry(config)} has an "apiKey", which is never sent`;
  return note("provider-key", what, "remove it");
};

const checkBaseUrl: Check = ({ provider, machine: { config } }) => {
  const base = text(child(provider, "options").baseURL)?.trim().replace(/\/+$/, "") ?? "";
  if (["", REGIONS.com.api, REGIONS.ai.api].includes(base)) return [];
  const option = `options.baseURL of ${describeEntry(config)}`;
  if (hasPlaceholder(base)) {
    return note("base-url", `${option} has a placeholder: it was not checked`);
  }
  const what = URL.canParse(base) ? describeMistake(new URL(base)) : "is not a URL";
  return what === undefined
    ? []
    : problem("base-url", `${option} ${what}`, "remove options.baseURL: the default is right");
};

function describeMistake({ hostname, pathname }: URL): string | undefined {
  if (/(?:^|\.)moonshot\.(?:cn|ai)$/.test(hostname)) {
    return "is Moonshot's pay-as-you-go API, which does not accept this login";
  }
  const isKimi = /(?:^|\.)kimi\.(?:com|ai)$/.test(hostname);
  return isKimi && pathname !== API_PATH
    ? `has the path ${printable(pathname)}, not ${API_PATH}`
    : undefined;
}

const checkModels: Check = ({ provider, machine: { config } }) => {
  if (provider?.models === undefined || isObject(provider.models)) return [];
  const what = `"models" of ${describeEntry(config)} is not an object`;
  return problem("provider-models", what, "remove it");
};

const checkEnabled: Check = ({ machine: { config } }) => {
  const lists = (name: string) =>
    findValues(config, (file) => Array.isArray(file[name]) ? [file[name]] : []);
  const disabled = lists("disabled_providers").filter(({ value }) => value.includes(PROVIDER_ID));
  const enabled = lists("enabled_providers").slice(-1);
  return [
    ...disabled.slice(0, 1).flatMap(({ source }) => {
      const what = `${source} lists ${PROVIDER_ID} in "disabled_providers"`;
      return problem("provider-disabled", what, "remove it");
    }),
    ...enabled.filter(({ value }) => !value.includes(PROVIDER_ID)).flatMap(({ source }) => {
      const what = `${source} does not list ${PROVIDER_ID} in "enabled_providers"`;
      return problem("provider-disabled", what, "add it");
    }),
  ];
};

export const PROVIDER_CHECKS: readonly Check[] = [
  checkPackage,
  checkApiKey,
  checkBaseUrl,
  checkModels,
  checkEnabled,
];
