/** Schemas with the verdicts of the service's own published checker. */

import type { JsonObject } from "../../../lib/kimi/util/json.ts";

/** A schema and what the checker says of it. */
export interface Verdict {
  readonly name: string;
  readonly verdict: "taken" | "refused";
  readonly schema: JsonObject;
}

const FILE = new URL("../../data/schema-checker/verdicts.json", import.meta.url);

/** All of them. */
export const verdicts: readonly Verdict[] = JSON.parse(Deno.readTextFileSync(FILE));
