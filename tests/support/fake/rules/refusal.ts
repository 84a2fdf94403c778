import { at, HELLO } from "../tests/client.ts";
import { defaultSettings } from "../answers/defaults.ts";
import { parseBody, refuseBody } from "./validate.ts";

/** The service's words about a small chat body with this change; undefined if it would answer. */
export function refusal(change: Readonly<Record<string, unknown>>): string | undefined {
  const body = parseBody(new TextEncoder().encode(JSON.stringify({ ...HELLO, ...change })));
  if (body === undefined) throw new Error("the test's own body is not JSON");
  const answer = refuseBody(body, defaultSettings());
  return answer && String(at(JSON.parse(answer.body ?? ""), "error", "message"));
}
