/** Checks the API bases that variable and configuration set, beside the rules for all hosts. */

import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { isTrusted } from "../../../kimi/identity/hosts.ts";
import { REGIONS } from "../../../kimi/identity/regions.ts";
import { type JsonObject, printable, text } from "../../../kimi/util/json.ts";
import { child, findValues, hasPlaceholder } from "../collect/config_values.ts";
import { type DoctorContext, note, problem } from "./finding.ts";

const API_PATH = new URL(REGIONS.com.api).pathname;

export function* checkBases(
  { hostSources, machine: { config }, login: { credential } }: DoctorContext,
) {
  const basesAt = (...path: readonly string[]) =>
    findValues(config, (file) => {
      const base = text(path.reduce<JsonObject>(child, file).baseURL)?.trim().replace(/\/+$/, "");
      return base ? [base] : [];
    });
  const own = basesAt("provider", PROVIDER_ID, "options").at(-1);
  const option = `options.baseURL of the entry "${PROVIDER_ID}" in ${own?.source}`;
  if (own && hasPlaceholder(own.value)) {
    yield note("base-url", `${option} has a placeholder: it was not checked`);
  } else if (own) {
    yield* report(option, mistakeIn(own.value), "remove options.baseURL: the default is right");
  }
  const used = hostSources.find(({ source }) => source === "KIMI_CODE_BASE_URL");
  if (used) yield* report(used.source, mistakeIn(used.value), "correct it, or unset it");
  // opencode 2.x reads this entry.
  for (const { value: base, source } of basesAt("providers", PROVIDER_ID, "settings")) {
    if (hasPlaceholder(base)) continue;
    const gets = isTrusted(base, credential?.hosts ?? REGIONS.com);
    const mistake = mistakeIn(base) ?? (gets ? undefined : "is not a host that gets this login");
    const what = `settings.baseURL of "${PROVIDER_ID}" in ${source}`;
    yield* report(what, mistake, "remove settings.baseURL: the default is right");
  }
}

function* report(setting: string, mistake: string | undefined, fix: string) {
  if (mistake !== undefined) yield problem("base-url", `${setting} ${mistake}`, fix);
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
