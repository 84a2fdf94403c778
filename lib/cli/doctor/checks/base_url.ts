/** Checks the API bases that variable and configuration set, beside the rules for all hosts. */

import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { isTrusted } from "../../../kimi/identity/hosts.ts";
import { REGIONS } from "../../../kimi/identity/regions.ts";
import { printable, text } from "../../../kimi/util/json.ts";
import { child, findValues, hasPlaceholder } from "../collect/config_values.ts";
import { type DoctorContext, note, problem } from "./finding.ts";

const API_PATH = new URL(REGIONS.com.api).pathname;

export function* checkBaseOption(value: unknown, entry: string) {
  const base = normalized(value);
  const option = `options.baseURL of ${entry}`;
  if (hasPlaceholder(base)) {
    yield note("base-url", `${option} has a placeholder: it was not checked`);
  } else yield* report(option, mistakeIn(base), "remove options.baseURL: the default is right");
}

/** Finds a base URL in the variable that has another path than the API. */
export function* checkBaseVariable({ hostSources }: DoctorContext) {
  const used = hostSources.find(({ source }) => source === "KIMI_CODE_BASE_URL");
  if (used) yield* report(used.source, mistakeIn(used.value), "correct it, or unset it");
}

/** Checks the base URL that the configuration of opencode 2.x sets for the provider. */
export function* checkV2Base({ machine: { config }, login: { credential } }: DoctorContext) {
  const bases = findValues(config, (file) => [
    normalized(child(child(child(file, "providers"), PROVIDER_ID), "settings").baseURL),
  ]);
  for (const { value: base, source } of bases) {
    if (base === "" || hasPlaceholder(base)) continue;
    const gets = isTrusted(base, credential?.hosts ?? REGIONS.com);
    const mistake = mistakeIn(base) ?? (gets ? undefined : "is not a host that gets this login");
    const what = `settings.baseURL of "${PROVIDER_ID}" in ${source}`;
    yield* report(what, mistake, "remove settings.baseURL: the default is right");
  }
}

function* report(setting: string, mistake: string | undefined, fix: string) {
  if (mistake !== undefined) yield problem("base-url", `${setting} ${mistake}`, fix);
}

function normalized(base: unknown): string {
  return text(base)?.trim().replace(/\/+$/, "") ?? "";
}

/** What is wrong with a base URL, whatever the login. */
function mistakeIn(base: string): string | undefined {
  if (["", REGIONS.com.api, REGIONS.ai.api].includes(base)) return undefined;
  if (!URL.canParse(base)) return "is not a URL";
  const { hostname, pathname } = new URL(base);
  if (/(?:^|\.)moonshot\.(?:cn|ai)$/.test(hostname)) {
    return "is Moonshot's pay-as-you-go API, which does not accept this login";
  }
  const isKimi = /(?:^|\.)kimi\.(?:com|ai)$/.test(hostname);
  return (isKimi && pathname !== API_PATH) || pathname === "/"
    ? `has the path ${printable(pathname)}, not ${API_PATH}`
    : undefined;
}
