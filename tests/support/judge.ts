/** Compares a client's body with ours by the rules of the service. */

import { defaultSettings } from "./fake/answers/defaults.ts";
import type { FakeSettings } from "./fake/types.ts";
import { parseBody, refuseBody } from "./fake/rules/validate.ts";

/**
 * Why the service would refuse a body; `undefined` if it would take it. Model, effort and sampling are
 * the user's own choice, and pass.
 *
 * @param models The account's models; one with every effort if absent.
 */
export function refusalOf(text: string, models?: FakeSettings["models"]): string | undefined {
  const body = parseBody(new TextEncoder().encode(text));
  if (body === undefined) return "not a JSON object";
  const settings = defaultSettings();
  const answer = refuseBody(body, {
    ...settings,
    models: models ?? [{ ...settings.models[0]!, id: String(body.model), think_efforts: EFFORTS }],
    allowedTemperatures: [Number(body.temperature)],
    allowedTemperaturesOff: [Number(body.temperature)],
    allowedTopP: [Number(body.top_p)],
  });
  return answer && String(JSON.parse(answer.body ?? "{}").error?.message);
}

/** All efforts that opencode offers. */
const EFFORTS = { support: true, valid_efforts: ["low", "medium", "high", "max"] };

/** How our body relates to the client's. */
export type Relation =
  | { readonly is: "equal" }
  /** The service would refuse the client's body, and takes ours. */
  | { readonly is: "repaired"; readonly why: string }
  | { readonly is: "different"; readonly why: string };

export function compareBodies(theirs: string, ours: string): Relation {
  if (theirs === ours) return { is: "equal" };
  const why = refusalOf(theirs);
  const refused = refusalOf(ours);
  if (refused !== undefined) return { is: "different", why: `ours is refused: ${refused}` };
  if (why === undefined) return { is: "different", why: firstDifference(theirs, ours) };
  const others = othersOf(theirs) === othersOf(ours);
  return others ? { is: "repaired", why } : { is: "different", why: firstDifference(theirs, ours) };
}

/**
 * Compares a client's result with ours: two bodies, or any other texts. A client that throws, written as
 * `{"throws":"…"}`, sends no request; ours is a repair if the service takes it.
 */
export function compareResults(theirs: string, ours: string): Relation {
  if (theirs === ours) return { is: "equal" };
  const thrown = /^\{"throws":"(.*)"\}$/s.exec(theirs)?.[1];
  if (thrown === undefined) {
    return BODY.test(theirs) && BODY.test(ours)
      ? compareBodies(theirs, ours)
      : { is: "different", why: firstDifference(theirs, ours) };
  }
  const refused = BODY.test(ours) ? refusalOf(ours) : "not a body";
  return refused === undefined
    ? { is: "repaired", why: `it throws: ${thrown}` }
    : { is: "different", why: `it throws, and ours is refused: ${refused}` };
}

/** The beginnings of the clients' chat bodies. */
const BODY = /^\{"(messages|model)":/;

/** What no repair changes. */
function othersOf(text: string): string {
  const { messages: _messages, tools: _tools, max_completion_tokens: _tokens, ...others } = JSON
    .parse(text);
  return JSON.stringify(others);
}

function firstDifference(theirs: string, ours: string): string {
  let at = 0;
  while (ours[at] === theirs[at]) at++;
  return `at ${at}: ${ours.slice(at, at + 80)}, not ${theirs.slice(at, at + 80)}`;
}
