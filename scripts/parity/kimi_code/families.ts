/** Families of cases for kimi-code, and the results of our modules; its own come from `reference.mjs`. */

import { KIMI_CODE_VERSION } from "../../../lib/kimi/identity/constants.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { openPlugin } from "../../../tests/support/plugin.ts";
import { type Family, family } from "../family.ts";
import type { GoldenFiles } from "../golden.ts";
import { turnBodies, type Turns } from "../modules/turns.ts";
import {
  type CodeConversation,
  conversationCases,
  modelCases,
  turnCases,
  variableCases,
} from "./cases.ts";
import { messageCases } from "./messages.ts";
import { codeSchemas } from "./schemas.ts";

const FAMILIES: readonly Family[] = [
  family<CodeConversation>({
    job: "conversations",
    contracts: [1, 2, 3, 4, 5, 6],
    kind: "chat body",
    compared: "recorded and generated conversations at every effort, byte for byte",
    cases: conversationCases,
    ours: bodyOf,
  }),
  family<CodeConversation>({
    job: "messages",
    contracts: [2],
    kind: "chat body",
    compared: "ids of calls, blank texts, images, reasoning, missing results, byte for byte",
    cases: messageCases,
    ours: bodyOf,
    differing: [
      { deviation: "id-order", cases: /^ids-that-become-equal/, apart: /"a_0(_\d)?"/g },
      {
        deviation: "empty-reasoning",
        cases: /^empty-reasoning(\/off|\/forgets|-beside-call\/off)$/,
        apart: /,"reasoning_content":""/g,
      },
      {
        deviation: "result-order",
        cases: /^results-in-another-order/,
        apart: /"tool_call_id":"[ab]"/g,
      },
      // The words for a result that is missing.
      {
        deviation: "results",
        cases: /^results?-missing/,
        apart: /(?<="tool_call_id":"[ab]","content":)"[^"]*"/g,
      },
    ],
  }),
  family<CodeConversation & Turns>({
    job: "turns",
    contracts: [4, 6],
    kind: "chat body",
    compared: "generated conversations turn by turn, with the service's token counts",
    cases: turnCases,
    ours: turnsOf,
  }),
  family<CodeConversation>({
    job: "variables",
    contracts: [1, 4, 5],
    kind: "chat body",
    compared: "under the environment variables, good and bad",
    cases: variableCases,
    ours: bodyOf,
    differing: [{
      deviation: "variables",
      cases: /^variables-(5|8|9|27|28)-/,
      apart: /"max_completion_tokens":\d+/g,
    }],
  }),
  family<CodeConversation>({
    job: "models",
    contracts: [5],
    kind: "effort",
    compared: "every effort on models of every kind, as /models describes them",
    cases: modelCases,
    ours: bodyOf,
  }),
  family<JsonObject>({
    job: "schemas",
    contracts: [3],
    kind: "tool schema",
    compared: "parameters as normalizeKimiToolSchema returns them, in a body",
    cases: codeSchemas,
    ours: schemaBody,
    // A member of this name gets lost in its copy of a schema.
    differing: [{ deviation: "schemas", cases: /__proto__/, apart: /"__proto__":\{[^}]*\},/g }],
  }),
];

/** kimi-code's golden data. */
export const KIMI_CODE_GOLDEN: GoldenFiles = {
  folder: `kimi-code-${KIMI_CODE_VERSION}`,
  families: FAMILIES,
};

const client = "kimi-code";

async function bodyOf(given: CodeConversation): Promise<string> {
  const plugin = await openPlugin({ ...given, client });
  return await plugin.ask(given);
}

async function turnsOf(given: CodeConversation & Turns): Promise<readonly string[]> {
  return await turnBodies(await openPlugin({ ...given, client }), given);
}

/** A body with one tool; a message if it is not sent. */
async function schemaBody(parameters: JsonObject): Promise<string> {
  const plugin = await openPlugin({ client, context: 262_144 });
  const sent = plugin.ask({
    session: "ses_schema",
    effort: "off",
    tools: [{ name: "tool", description: "", parameters: { ...parameters } }],
    messages: [{ role: "user", text: "hello" }],
  });
  return await sent.catch((error) => `not sent: ${error.message}`);
}
