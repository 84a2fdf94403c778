/** What the plugin asks Kimi by itself, beside the user's questions: models and usage. */

import { readLogin } from "../client/auth_json/edit.ts";
import { type Credential, remainingSeconds } from "../client/tokens/credential.ts";
import type { Environment } from "../client/environment.ts";
import { listModels } from "../client/account/list_models.ts";
import { accountKey, keepModels, keptLists, modelsOf } from "../client/account/model_cache.ts";
import { messageOf } from "../kimi/errors/kimi_error.ts";
import { upgradeHint } from "../kimi/models/upgrade_hint.ts";
import type { Model } from "../kimi/models/catalog.ts";
import type { JsonObject } from "../kimi/util/json.ts";
import type { PluginOptions } from "../kimi/plugin_options.ts";
import { createQuotaNotice, type QuotaNotice } from "./quota_notice.ts";

/** How often to ask while the answer is an error. */
const MAX_TRIES = 2;

/** What the questions depend on. */
export interface BackgroundDeps extends QuotaNotice {
  readonly environment: Environment;
  readonly options: PluginOptions;
  /** The `models` of the provider's entry. */
  readonly offered: () => JsonObject;
  readonly onModels: (models: readonly Model[]) => void;
}

/** Functions that may be called at any time, and never fail. */
export interface Background {
  /** Asks for the account's models once. */
  readonly askModels: () => Promise<void>;
  /** Asks for the models of another account. */
  readonly askModelsAnew: () => Promise<void>;
  /** Asks for the models if that is not done yet, and for the usage now and then. */
  readonly onAnswer: () => Promise<unknown>;
}

/** Creates the functions. */
export function createBackground(deps: BackgroundDeps): Background {
  let askModels = modelQuestion(deps);
  const watchQuota = createQuotaNotice(deps);
  return {
    askModels: () => askModels(),
    askModelsAnew: () => (askModels = modelQuestion(deps))(),
    onAnswer: () => Promise.all([askModels(), watchQuota()]),
  };
}

/** Asks with a token that is valid already, and keeps the answer for the next start. */
function modelQuestion(question: BackgroundDeps): () => Promise<void> {
  const { environment, options: { client } } = question;
  let tries = 0;
  let isAsking = false;
  return async () => {
    if (isAsking || tries >= MAX_TRIES) return;
    isAsking = true;
    try {
      const credential = await question.stored();
      if (credential === undefined || remainingSeconds(credential, environment.now()) <= 0) return;
      tries++;
      const api = question.api(credential);
      const models = await listModels(environment, credential, { client, api });
      tries = MAX_TRIES;
      if (models.length === 0) return;
      question.onModels(models);
      await learn(question, credential, api, models);
    } catch (error) {
      environment.log("debug", messageOf(error));
    } finally {
      isAsking = false;
    }
  };
}

async function learn(
  { environment, options, offered }: BackgroundDeps,
  credential: Credential,
  api: string,
  models: readonly Model[],
): Promise<void> {
  await keepModels(environment, await accountKey(credential, api), models);
  const line = options.discover ? undefined : upgradeHint(models, offered());
  if (line !== undefined) environment.log("info", line);
}

/** The cached models of the login in auth.json. */
export async function keptModels(
  environment: Pick<Environment, "variables" | "authFile" | "modelsFile" | "now" | "log">,
  api: (credential: Credential) => string,
): Promise<readonly Model[]> {
  const lists = await keptLists(environment);
  if (lists.length === 0) return [];
  const text = environment.variables.OPENCODE_AUTH_CONTENT ||
    await (await environment.authFile())?.read();
  const credential = readLogin(text || undefined);
  if (credential === undefined) return [];
  return modelsOf(lists, await accountKey(credential, api(credential))) ?? [];
}
