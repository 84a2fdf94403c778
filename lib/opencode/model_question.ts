/**
 * The account's models, asked for in the background.
 *
 * @module
 */

import { type Credential, remainingSeconds } from "../auth/credential.ts";
import type { Environment } from "../auth/environment.ts";
import { listModels } from "../auth/model_list.ts";
import { messageOf } from "../protocol/error.ts";
import type { Model } from "../protocol/models.ts";
import type { PluginOptions } from "./options.ts";

/** How often is asked while the answer is an error. */
const MAX_TRIES = 2;

/** What the question depends on. */
export interface ModelQuestion {
  /** Clock, network and log. */
  readonly environment: Pick<Environment, "fetch" | "now" | "log">;
  /** Whose identity to send. */
  readonly options: Pick<PluginOptions, "client">;
  /** Gives the login, if there is one. */
  readonly stored: () => Promise<Credential | undefined>;
  /** Gives the API base for a login. */
  readonly api: (credential: Credential) => string;
  /** Told the answer. */
  readonly onModels: (models: readonly Model[], credential: Credential) => void;
}

/**
 * Asks once, with a token that is valid already: at the start, or else after the first answer.
 *
 * @param question What it depends on.
 * @returns A function to be called whenever it may be time; it never fails.
 */
export function modelQuestion(question: ModelQuestion): () => Promise<void> {
  const { environment, options: { client } } = question;
  let tries = 0;
  let isAsking = false;
  return async () => {
    if (isAsking || tries >= MAX_TRIES) return;
    isAsking = true;
    try {
      const credential = await question.stored();
      if (credential === undefined) return;
      if (remainingSeconds(credential, environment.now()) <= 0) return;
      tries++;
      const api = question.api(credential);
      const models = await listModels(environment, credential, { client, api });
      tries = MAX_TRIES;
      question.onModels(models, credential);
    } catch (error) {
      environment.log("debug", messageOf(error));
    } finally {
      isAsking = false;
    }
  };
}
