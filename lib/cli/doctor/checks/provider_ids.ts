/** Checks for other provider ids, under which Kimi's plan is or was known to opencode. */

import { readEntry } from "../../../client/auth_json/edit.ts";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { isObject } from "../../../kimi/util/json.ts";
import { child, findModelNames, findValues } from "../collect/config_values.ts";
import { type Check, type DoctorContext, note, problem } from "./finding.ts";

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
export const checkProviderIds: Check = (context) =>
  PROVIDER_IDS.flatMap(({ id, meaning, isGone }) => {
    const isStored = isInAuthFile(context, id);
    const files = filesThatName(context, id);
    const places = [...isStored ? [context.machine.auth.path] : [], ...files];
    if (places.length === 0) return [];
    const what = (verb: string) => `"${id}" (${meaning}) is ${verb}in ${places.join(", ")}`;
    if (!isGone) return note("other-id", what(""), "it may stay: it does not disturb this plugin");
    const fixes = [
      ...isStored ? [`opencode auth logout ${id}`] : [],
      ...files.length === 0
        ? []
        : [`write "${PROVIDER_ID}" instead, and log in: ${loginCommand()}`],
    ];
    return problem("old-id", what("still "), fixes.join("; "));
  });

function isInAuthFile({ machine: { auth } }: DoctorContext, id: string): boolean {
  return auth.state === "file" && readEntry(auth.text, id) !== undefined;
}

function filesThatName({ machine: { config } }: DoctorContext, id: string): readonly string[] {
  const entries = findValues(config, (file) => isObject(child(file, "provider")[id]) ? [id] : []);
  const models = findModelNames(config).filter(({ value }) => value.startsWith(`${id}/`));
  return [...new Set([...entries, ...models].map(({ source }) => source))];
}
