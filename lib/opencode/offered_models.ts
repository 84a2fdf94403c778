/** The provider's name, and the models that it offers. */

import { finite, objectOf } from "../kimi/util/json.ts";
import { COLD_CONTEXT, KNOWN_MODELS, type Model } from "../kimi/models/catalog.ts";

/** Other providers of opencode are called "Kimi For Coding" too. */
export const PROVIDER_NAME = "Kimi (account login)";

/** Returns all models of the account if `discover` is set, otherwise the one that is built in. */
export function accountModels(account: readonly Model[], discover: boolean): readonly Model[] {
  const usable = account.filter(({ protocol }) => protocol === undefined);
  return discover && usable.length > 0 ? usable : builtIn(usable);
}

/** The model that is offered without asking, with what the account's list says of it. */
function builtIn(account: readonly Model[]): readonly Model[] {
  return KNOWN_MODELS.slice(0, 1).map((known) => {
    const listed = account.find(({ id }) => id === known.id) ?? known;
    return { ...listed, name: known.name };
  });
}

/** The efforts that a user can choose for a model. */
export function offeredEfforts(
  { thinking, efforts = [] }: Pick<Model, "thinking" | "efforts">,
): readonly string[] {
  if (thinking === "no") return [];
  return thinking === "both" ? ["off", ...efforts] : efforts;
}

/**
 * Returns the context length of a configuration if the user wrote it; one that we wrote, and 262144, which
 * many files copied from examples, do not count.
 */
export function usersContext(limit: unknown, facts: readonly Model[]): number | undefined {
  const context = finite(objectOf(limit).context);
  const isOurs = context === COLD_CONTEXT ||
    facts.some(({ contextLength }) => contextLength === context);
  return isOurs ? undefined : context;
}
