import type { Json } from "./rules/body.ts";
import { completionEvents, completionObject } from "./answers/completion.ts";
import {
  apiError,
  type FakeAnswer,
  type FakeRequest,
  headerValues,
  json,
  notFound,
} from "./http.ts";
import { chooseAnswer, isTitleRequest } from "./answers/script.ts";
import { createServices, SERVICE_KINDS } from "./services.ts";
import type { TokenStore } from "./tokens.ts";
import type { FakeSettings } from "./types.ts";
import { createPromptCache, usageOf } from "./answers/usage.ts";
import { parseBody, refuseBody } from "./rules/validate.ts";

/** The coding API, below /coding/v1. */
export interface CodingHost {
  answer(request: FakeRequest): FakeAnswer;
}

const BAD_KEY = "The API Key appears to be invalid or may have expired. " +
  "Please verify your credentials and try again.";

function models(settings: FakeSettings): FakeAnswer {
  const data = settings.models;
  const ends = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
  return json(200, { object: "list", data, ...ends, has_more: false });
}

function usages({ url }: FakeRequest, { usages, usagesPath }: FakeSettings): FakeAnswer {
  return url.pathname === `/coding/v1/${usagesPath}` ? json(200, usages) : notFound();
}

function say(
  body: Json,
  text: string,
  cached: number,
  settings: FakeSettings,
): FakeAnswer {
  const scripted = isTitleRequest(body) ? undefined : settings.answers.shift();
  const answer = scripted ?? chooseAnswer(body);
  const usage = { ...usageOf(text, JSON.stringify(answer), cached), ...answer.usage };
  if (body.stream !== true) return json(200, completionObject(body, answer, usage));
  return {
    status: 200,
    headers: { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache" },
    events: completionEvents(body, answer, usage),
  };
}

/** Creates a coding API that accepts the tokens of a store. */
export function createCodingHost(settings: FakeSettings, tokens: TokenStore): CodingHost {
  const cache = createPromptCache();
  const services = createServices();

  function chat(request: FakeRequest): FakeAnswer {
    const body = parseBody(request.bytes);
    if (body === undefined) {
      return apiError(400, "invalid_request_error", "Invalid request: body is not valid JSON");
    }
    const refusal = settings.strictBodies ? refuseBody(body, settings) : undefined;
    return refusal ?? services.refuseVideos(body) ??
      say(body, request.text, cache.hit(body), settings);
  }

  return {
    answer(request) {
      const bearer = headerValues(request, "Authorization").join();
      if (!bearer.startsWith("Bearer ") || !tokens.accepts(bearer.slice(7))) {
        return apiError(401, "invalid_authentication_error", BAD_KEY);
      }
      if (request.kind === "models") return models(settings);
      if (SERVICE_KINDS.some((kind) => kind === request.kind)) return services.answer(request);
      return request.kind === "usages" ? usages(request, settings) : chat(request);
    },
  };
}
