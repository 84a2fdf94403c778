/** What `chat.params` sets: thinking, effort and `prompt_cache_key`. */

import { TEXT_ONLY } from "../../client/kept/text_only.ts";
import { modelFacts } from "../../client/chat/chat_model.ts";
import { cheapestEffort } from "../../kimi/chat/efforts.ts";
import { chosenEffort, effortFields, THINKING_EFFORTS } from "../../kimi/chat/params.ts";
import type { Model } from "../../kimi/models/catalog.ts";
import { isObject, objectOf, text } from "../../kimi/util/json.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import type { ChatParamsInput, ChatParamsOutput } from "./types.ts";

/** Sets the parameters of a request to this provider; returns false for others, which it leaves alone. */
export function setChatParams(
  input: ChatParamsInput,
  output: ChatParamsOutput,
  account: readonly Model[],
): boolean {
  if (providerOf(input) !== PROVIDER_ID) return false;
  const options = output.options ??= {};
  options.prompt_cache_key = input.sessionID;
  // A title needs no thinking.
  const effort = isTitle(input.agent)
    ? cheapestEffort(modelFacts(modelOf(input), account)[0])
    : effortOf(input, options);
  if (isTitle(input.agent)) {
    delete options.thinking;
    options[TEXT_ONLY] = true;
  }
  const { thinking, reasoning_effort } = effortFields(effort, objectOf(options.thinking));
  delete options.reasoning_effort;
  delete options.reasoningEffort;
  if (effort !== undefined || options.thinking !== undefined) options.thinking = thinking;
  // opencode's SDK sends this one under the name that the API has for it.
  if (reasoning_effort !== undefined) options.reasoningEffort = reasoning_effort;
  return true;
}

function providerOf({ model, provider }: ChatParamsInput): unknown {
  const { info, id } = objectOf(provider);
  return objectOf(model).providerID ?? (isObject(info) ? info.id : id);
}

function modelOf({ model }: ChatParamsInput): string {
  const { api, id } = objectOf(model);
  return text(objectOf(api).id) ?? text(id) ?? "";
}

function isTitle(agent: unknown): boolean {
  return agent === "title" || objectOf(agent).name === "title";
}

/** opencode has merged the variant's options already; its name counts if they choose no effort. */
function effortOf(
  { message }: ChatParamsInput,
  options: Record<string, unknown>,
): string | undefined {
  const chosen = chosenEffort({
    thinking: options.thinking,
    reasoning_effort: options.reasoningEffort ?? options.reasoning_effort,
  });
  const { variant } = objectOf(objectOf(message).model);
  return chosen ?? THINKING_EFFORTS.find((effort) => effort === variant);
}
