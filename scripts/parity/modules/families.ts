/**
 * Families of cases, and the results of our modules. kimi-cli's results come from `reference.py`, or
 * from the golden data, which it made.
 */
import { credentialFromTokens, needsRefresh } from "../../../lib/client/tokens/credential.ts";
import { estimateTokens } from "../../../lib/kimi/chat_body/tokens.ts";
import { completionTokens } from "../../../lib/kimi/kimi_cli/token_budget.ts";
import { identityHeaders } from "../../../lib/kimi/identity/fingerprint.ts";
import {
  deviceAuthorizationRequest,
  deviceTokenRequest,
  refreshTokenRequest,
} from "../../../lib/kimi/oauth/grants.ts";
import { completeToolSchema } from "../../../lib/kimi/kimi_cli/tool_schema.ts";
import { platformFacts } from "../../../lib/runtime/device/facts.ts";
import {
  type BudgetCase,
  budgetCases,
  type FormCase,
  formCases,
  type HeaderCase,
  headerCases,
  type MachineCase,
  machineCases,
  type RefreshCase,
  refreshCases,
  type SwitchCase,
  switchCases,
  type TextCase,
  textCases,
} from "./cases.ts";
import { type Family, family } from "../family.ts";
import type { GoldenFiles } from "../golden.ts";
import { type Conversation, generatedConversations, generatedTurns } from "./generate.ts";
import { openPlugin } from "../../../tests/support/plugin.ts";
import { type Schema, schemaCases } from "./schemas.ts";
import { spellingCases } from "./spellings.ts";
import { turnBodies, type Turns } from "./turns.ts";

/** The headers that describe a machine. */
const MACHINE_HEADERS = ["X-Msh-Device-Name", "X-Msh-Device-Model", "X-Msh-Os-Version"];

export const FAMILIES: readonly Family[] = [
  family<Conversation>({
    job: "conversations",
    contracts: [1, 2, 3, 4, 5, 6],
    kind: "chat body",
    compared: "generated conversations at every effort, byte for byte",
    cases: generatedConversations,
    ours: chatBodies,
  }),
  family<Turns>({
    job: "turns",
    contracts: [4, 6],
    kind: "chat body",
    compared:
      "generated conversations turn by turn, with the service's token counts, byte for byte",
    cases: generatedTurns,
    ours: async (turns) => await turnBodies(await openPlugin(turns), turns),
  }),
  family<Conversation>({
    job: "spellings",
    contracts: [1, 2, 4, 6],
    kind: "chat body",
    compared: "with the arguments of tool calls spelled as models spell them, byte for byte",
    cases: spellingCases,
    ours: chatBodies,
  }),
  family<SwitchCase>({
    job: "switches",
    contracts: [1, 4, 5],
    kind: "chat body",
    compared: "under kimi-cli's environment variables, good and bad, byte for byte",
    cases: switchCases,
    ours: chatBodies,
  }),
  family<Schema>({
    job: "schemas",
    contracts: [3],
    kind: "tool schema",
    compared: "parameters as ensure_property_types completes them, byte for byte",
    cases: schemaCases,
    ours: (schema) => JSON.stringify(completeToolSchema(schema)),
  }),
  family<TextCase>({
    job: "tokens",
    contracts: [4],
    kind: "token estimate",
    compared: "_estimate_text_tokens",
    cases: textCases,
    ours: ({ text, times }) => estimateTokens(text.repeat(times)),
  }),
  family<BudgetCase>({
    job: "budgets",
    contracts: [4],
    kind: "budget",
    compared: "compute_max_completion_tokens",
    cases: budgetCases,
    ours: ({ context, input, cap }) =>
      completionTokens({
        contextLength: context,
        inputTokens: input,
        ...(cap === undefined ? {} : { cap }),
      }),
  }),
  family<HeaderCase>({
    job: "headers",
    contracts: [7],
    kind: "identity headers",
    compared: "_kimi_default_headers on machines of all kinds: names, values and order",
    cases: headerCases,
    ours: ({ facts }) => Object.entries(identityHeaders("kimi-cli", facts)),
  }),
  family<MachineCase>({
    job: "machines",
    contracts: [7],
    kind: "device",
    compared: "_common_headers on Windows, macOS and others, from what each system tells Python",
    cases: machineCases,
    ours: ({ os }) => {
      const headers = identityHeaders("kimi-cli", { ...platformFacts(os), id: "0" });
      return MACHINE_HEADERS.map((name) => headers[name]);
    },
  }),
  family<RefreshCase>({
    job: "refreshes",
    contracts: [9],
    kind: "refresh",
    compared: "whether OAuthManager.ensure_fresh refreshes",
    cases: refreshCases,
    ours: ({ lifetime, remaining }) => {
      const tokens = { accessToken: "access", refreshToken: "refresh", expiresIn: lifetime };
      return needsRefresh(credentialFromTokens(tokens, -lifetime * 1000), -remaining * 1000);
    },
  }),
  family<FormCase>({
    job: "forms",
    contracts: [7],
    kind: "OAuth form",
    compared:
      "device authorization (without scope), poll and refresh with the same tokens, byte for byte",
    cases: formCases,
    ours: (form) => requestOf(form).text(),
  }),
];

/** kimi-cli's golden data. */
export const KIMI_CLI_GOLDEN: GoldenFiles = { folder: "golden", families: FAMILIES };

async function chatBodies(given: Conversation | SwitchCase): Promise<readonly string[]> {
  const plugin = await openPlugin(given);
  return [await plugin.ask(given)];
}

function requestOf({ kind, token }: FormCase): Request {
  const target = { host: "http://127.0.0.1:9", identity: {} };
  if (kind === "device") return deviceAuthorizationRequest(target, false);
  return kind === "poll" ? deviceTokenRequest(target, token) : refreshTokenRequest(target, token);
}
