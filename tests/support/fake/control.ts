import { isObject, list, object } from "./rules/body.ts";
import { type FakeAnswer, type FakeRequest, json, notFound } from "./http.ts";
import type { FakeKimi } from "./kimi.ts";
import type { FakeSettings, Fault, RequestKind } from "./types.ts";

const DONE = json(200, { ok: true });

function parse(request: FakeRequest): unknown {
  return request.text === "" ? {} : JSON.parse(request.text);
}

function state(fake: FakeKimi): FakeAnswer {
  const { url, apiBase, settings, refreshes, revokedChains } = fake;
  const counts: Record<string, number> = {};
  for (const { kind } of fake.requests) counts[kind] = (counts[kind] ?? 0) + 1;
  return json(200, { url, apiBase, settings, refreshes, revokedChains, counts });
}

function record(fake: FakeKimi, request: FakeRequest): FakeAnswer {
  const kind = request.url.searchParams.get("kind");
  return json(200, kind === null ? fake.requests : fake.requestsOf(kind as RequestKind));
}

function issue(fake: FakeKimi, request: FakeRequest): FakeAnswer {
  const { lifetime } = object(parse(request));
  return json(200, fake.issueTokens(typeof lifetime === "number" ? { lifetime } : {}));
}

function addFaults(fake: FakeKimi, request: FakeRequest): FakeAnswer {
  const faults = parse(request);
  fake.settings.faults.push(...(isObject(faults) ? [faults] : list(faults)) as Fault[]);
  return DONE;
}

function change(fake: FakeKimi, request: FakeRequest): FakeAnswer {
  Object.assign(fake.settings, parse(request) as Partial<FakeSettings>);
  return DONE;
}

function act(action: () => void): FakeAnswer {
  action();
  return DONE;
}

/** Answers a request below `/__fake/`, with which other processes control the fake. */
export function answerControl(fake: FakeKimi, request: FakeRequest): FakeAnswer {
  switch (`${request.method} ${request.url.pathname}`) {
    case "GET /__fake/state":
      return state(fake);
    case "GET /__fake/requests":
      return record(fake, request);
    case "DELETE /__fake/requests":
      return act(() => fake.forgetRequests());
    case "POST /__fake/settings":
      return change(fake, request);
    case "POST /__fake/faults":
      return addFaults(fake, request);
    case "DELETE /__fake/faults":
      return act(() => fake.settings.faults.splice(0));
    case "POST /__fake/tokens":
      return issue(fake, request);
    case "POST /__fake/expire":
      return act(() => fake.expireAccessTokens());
    case "POST /__fake/authorize":
      return act(() => fake.authorizeDevice());
    case "POST /__fake/deny":
      return act(() => fake.denyDevice());
    default:
      return notFound();
  }
}
