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
import { type Conversation, generatedConversations, generatedTurns } from "./generate.ts";
import { ANSWER_END } from "../../../tests/support/conversations.ts";
import { openPlugin, type Plugin } from "../../../tests/support/plugin.ts";
import { type Schema, schemaCases } from "./schemas.ts";

/** Cases of one kind. */
export interface Family {
  /** The job of `reference.py`, and the name of the golden file. */
  readonly job: string;
  readonly kind: string;
  readonly compared: string;
  /** Numbers of the contracts in AGENTS.md. */
  readonly contracts: readonly number[];
  /** The same in every run; JSON. */
  readonly cases: () => readonly unknown[];
  /** The result of our modules for a case; JSON. */
  readonly ours: (given: unknown) => unknown;
}

export interface Turns extends Conversation {
  /** Tokens that the service counts in each request and its answer; null if it sends no usage. */
  readonly totals: readonly (number | null)[];
}

interface TypedFamily<Case> extends Omit<Family, "cases" | "ours"> {
  readonly cases: () => readonly Case[];
  readonly ours: (given: Case) => unknown;
}

function family<Case>(typed: TypedFamily<Case>): Family {
  return { ...typed, ours: (given) => typed.ours(given as Case) };
}

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
    ours: turnBodies,
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

async function chatBodies(given: Conversation | SwitchCase): Promise<readonly string[]> {
  const plugin = await openPlugin(given);
  return [await plugin.ask(given)];
}

async function turnBodies(turns: Turns): Promise<readonly string[]> {
  const plugin: Plugin = await openPlugin(turns);
  const bodies: string[] = [];
  let end = -1;
  for (const total of turns.totals) {
    end = turns.messages.findIndex(({ role }, index) => index > end && role === "assistant");
    const messages = turns.messages.slice(0, end === -1 ? undefined : end);
    bodies.push(await plugin.ask({ ...turns, messages, answer: answerOf(total) }));
  }
  return bodies;
}

/** An event stream in which the service counts this many tokens. */
function answerOf(total: number | null): string {
  if (total === null) return ANSWER_END;
  const completion_tokens = Math.min(17, total);
  const usage = { prompt_tokens: total - completion_tokens, completion_tokens, cached_tokens: 0 };
  return `data: ${JSON.stringify({ choices: [], usage })}\n\n${ANSWER_END}`;
}

function requestOf({ kind, token }: FormCase): Request {
  const target = { host: "http://127.0.0.1:9", identity: {} };
  if (kind === "device") return deviceAuthorizationRequest(target, false);
  return kind === "poll" ? deviceTokenRequest(target, token) : refreshTokenRequest(target, token);
}
