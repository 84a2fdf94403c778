/** Checks for other provider ids, under which Kimi's plan is or was known to opencode. */

import { readEntry } from "../../../client/auth_json/edit.ts";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { isObject } from "../../../kimi/util/json.ts";
import { namedModels } from "../../../kimi/models/named_models.ts";
import { child, findValues } from "../collect/config_values.ts";
import { type DoctorContext, type Findings, note, problem } from "./finding.ts";

/**
 * The ids, and whether opencode no longer offers them on its own. Source: models.dev as opencode
 * 1.14.34 and 1.18.33 contain it, and the documents of the plugins.
 */
export const PROVIDER_IDS = [
  {
    id: "kimi-for-coding",
    meaning: "models.dev's older entry, with an API key and Anthropic's protocol; " +
      "opencode 1.18 no longer has it",
    isGone: true,
  },
  {
    id: "kimi-code-plan-cn",
    meaning: "opencode's own entry, with an API key of the plan, at api.kimi.com",
    isGone: false,
  },
  {
    id: "kimi-code-plan-global",
    meaning: "opencode's own entry, with an API key of the plan, at api.kimi.ai",
    isGone: false,
  },
  { id: "kimi-code", meaning: "the provider of opencode-kimi-subscription", isGone: true },
];

/** Finds the ids in the configuration and in auth.json. */
export function* checkProviderIds({ machine: { auth, config } }: DoctorContext): Findings {
  for (const { id, meaning, isGone } of PROVIDER_IDS) {
    const isStored = auth.state === "file" && readEntry(auth.text, id) !== undefined;
    const entries = findValues(config, (file) => isObject(child(file, "provider")[id]) ? [id] : []);
    const models = findValues(config, namedModels).filter(({ value }) =>
      value.startsWith(`${id}/`)
    );
    const files = new Set([...entries, ...models].map(({ source }) => source));
    const places = [...isStored ? [auth.path] : [], ...files].join(", ");
    const logout = isStored ? [`opencode auth logout ${id}`] : [];
    const rename = `write "${PROVIDER_ID}" instead, and log in: ${loginCommand()}`;
    const fixes = [...logout, ...files.size === 0 ? [] : [rename]];
    if (fixes.length === 0) continue;
    yield isGone
      ? problem("old-id", `"${id}" (${meaning}) is still in ${places}`, fixes.join("; "))
      : note(
        "other-id",
        `"${id}" (${meaning}) is in ${places}`,
        "it may stay: it does not disturb this plugin",
      );
  }
}
