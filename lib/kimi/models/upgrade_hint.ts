/** Finds models of an account that opencode does not offer yet. */

import type { Model } from "./catalog.ts";
import { type JsonObject, objectOf } from "../util/json.ts";

/** Returns a line about the models that `discover` would add to those that are offered. */
export function upgradeHint(models: readonly Model[], offered: JsonObject): string | undefined {
  const spoken = models.filter(({ protocol }) => protocol === undefined);
  const others = spoken.filter(({ id }) => !isOffered(offered, id)).map(({ id }) => id);
  if (others.length === 0) return undefined;
  return `This account has more than opencode offers: ${others.join(", ")}. The plugin's option ` +
    '"discover": true offers all of it from the second start on';
}

function isOffered(offered: JsonObject, id: string): boolean {
  return Object.keys(offered).some((key) => {
    const model = objectOf(offered[key]);
    return [key, model.id, objectOf(model.api).id].includes(id);
  });
}
