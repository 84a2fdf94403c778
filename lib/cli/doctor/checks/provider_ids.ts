/**
 * The ids under which Kimi's plan is, or was, known to opencode, and what each one means.
 *
 * @module
 */

import { readEntry } from "../../../client/auth_json/edit.ts";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { loginCommand } from "../../../kimi/identity/login_messages.ts";
import { isObject } from "../../../kimi/util/json.ts";
import { child, modelReferences, settingsOf } from "../collect/config_values.ts";
import type { Examination } from "../diagnosis.ts";
import { type Finding, note, problem } from "./finding.ts";

/** An id that is not this plugin's. */
export interface ProviderId {
  /** The id. */
  readonly id: string;
  /** What it means. */
  readonly meaning: string;
  /** Whether no release of opencode offers it any more by itself. */
  readonly isGone: boolean;
}

/** Source: models.dev as opencode 1.14.34 and 1.18.33 hold it, and the plugins' own documents. */
export const PROVIDER_IDS: readonly ProviderId[] = [
  {
    id: "kimi-for-coding",
    meaning: "models.dev's older entry, with an API key and Anthropic's protocol; " +
      "opencode 1.18 has it no more",
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

/**
 * Looks for other ids in the configuration and in auth.json.
 *
 * @param examination What follows from what was seen.
 * @returns The findings.
 */
export function idFindings(examination: Examination): readonly Finding[] {
  return PROVIDER_IDS.flatMap(({ id, meaning, isGone }) => {
    const places = usesOf(examination, id);
    if (places.length === 0) return [];
    const what = `"${id}" (${meaning}) is still in ${[...new Set(places)].join(", ")}`;
    if (!isGone) {
      return note("other-id", what.replace("still ", ""), "it may stay beside this plugin");
    }
    return problem("old-id", what, cureOf(places, id));
  });
}

function usesOf({ machine: { auth, config } }: Examination, id: string): readonly string[] {
  const stored = auth.sighting.state === "file" ? readEntry(auth.sighting.text, id) : undefined;
  const blocks = settingsOf(
    config,
    (source) => isObject(child(source, "provider")[id]) ? [id] : [],
  );
  const models = modelReferences(config).filter(({ value }) => value.startsWith(`${id}/`));
  return [
    ...(stored === undefined ? [] : [auth.path]),
    ...blocks.map(({ where }) => where),
    ...models.map(({ where }) => where),
  ];
}

function cureOf(places: readonly string[], id: string): string {
  const isStored = places.some((place) => place.endsWith("auth.json"));
  const isConfigured = places.some((place) => !place.endsWith("auth.json"));
  return [
    ...(isStored ? [`opencode auth logout ${id}`] : []),
    ...(isConfigured ? [`write "${PROVIDER_ID}" in its place, and log in: ${loginCommand()}`] : []),
  ].join("; ");
}
