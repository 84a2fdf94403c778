/** Finds models and context of an account that opencode does not offer yet. */

import { COLD_CONTEXT, type Model } from "./catalog.ts";
import { finite, isObject, type JsonObject, objectOf } from "../util/json.ts";

/** Returns a line about what `discover` would add to the entry's models and those the user wrote. */
export function upgradeHint(
  models: readonly Model[],
  offered: JsonObject,
  users: JsonObject,
): string | undefined {
  const spoken = models.filter(({ protocol }) => protocol === undefined);
  const others = spoken.filter(({ id }) => !isOffered(offered, id)).map(({ id }) => id);
  const larger = spoken.flatMap(({ id, contextLength }) => {
    const context = contextOf(offered[id]) ?? COLD_CONTEXT;
    const isLarger = isObject(offered[id]) && contextOf(users[id]) === undefined &&
      contextLength > context;
    return isLarger ? [`${contextLength} tokens of context for ${id} instead of ${context}`] : [];
  });
  const gains = [...others, ...larger];
  if (gains.length === 0) return undefined;
  return `This account has more than opencode offers: ${gains.join(", ")}. The plugin's option ` +
    '"discover": true offers all of it from the second start on';
}

function isOffered(offered: JsonObject, id: string): boolean {
  return Object.keys(offered).some((key) => {
    const model = objectOf(offered[key]);
    return [key, model.id, objectOf(model.api).id].includes(id);
  });
}

function contextOf(model: unknown): number | undefined {
  return finite(objectOf(objectOf(model).limit).context);
}
