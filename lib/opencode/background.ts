/** What the plugin asks Kimi by itself, beside the user's questions. */

import { type ModelQuestion, modelQuestion } from "./discovery.ts";
import { createQuotaNotice, type QuotaNotice } from "./quota_notice.ts";

export { keptModels } from "./discovery.ts";

/** Two functions that may be called at any time, and never fail. */
export interface Background {
  /** Asks for the account's models once. */
  readonly askModels: () => Promise<void>;
  /** Asks for the models if that is not done yet, and for the usage now and then. */
  readonly onAnswer: () => Promise<unknown>;
}

/** Makes the two functions. */
export function createBackground(deps: ModelQuestion & QuotaNotice): Background {
  const askModels = modelQuestion(deps);
  const watchQuota = createQuotaNotice(deps);
  return { askModels, onAnswer: () => Promise.all([askModels(), watchQuota()]) };
}
