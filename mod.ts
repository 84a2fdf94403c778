/**
 * Kimi For Coding for Web-API runtimes: what kimi-cli says to Moonshot's service, as small functions
 * of their arguments, and the login, refresh and chat that join them.
 *
 * Everything is written against Web APIs only; clock, network and files come in through
 * {@linkcode Environment}.
 *
 * @example Ask for a device authorization
 * ```ts
 * import { deviceAuthorizationRequest, identityHeaders } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const device = {
 *   node: "vm", system: "Linux", release: "6.1", machine: "x86_64", version: "#1 SMP",
 *   id: "0123456789abcdef0123456789abcdef",
 * };
 * const request = deviceAuthorizationRequest(
 *   { host: "https://auth.kimi.com", identity: identityHeaders("kimi-cli", device) },
 *   "kimi-code",
 * );
 * assertEquals(request.headers.get("user-agent"), "KimiCLI/1.51.0");
 * ```
 *
 * @module
 */

export {
  CLIENT_ID,
  CLIENT_NAMES,
  type ClientName,
  DEFAULT_API_BASE,
  DEFAULT_OAUTH_HOST,
  DEFAULT_SCOPE,
  GLOBAL_API_BASE,
  KIMI_CLI_VERSION,
  USER_AGENTS,
  VERSION,
} from "./lib/protocol/clients.ts";
export { KimiError, type KimiErrorCode, type KimiErrorOptions } from "./lib/protocol/error.ts";
export {
  asciiHeaderValue,
  type Device,
  type DeviceFacts,
  deviceModel,
  identityHeaders,
} from "./lib/protocol/fingerprint.ts";
export {
  type DeviceAuthorization,
  deviceAuthorizationRequest,
  deviceTokenRequest,
  type OAuthTarget,
  type PollResult,
  readDeviceAuthorization,
  readDeviceToken,
  readRefreshedToken,
  refreshTokenRequest,
  type TokenSet,
} from "./lib/protocol/oauth.ts";
export {
  chosenEffort,
  type EffortFields,
  effortFields,
  EFFORTS,
  type Thinking,
} from "./lib/protocol/params.ts";
export { type BodyContext, type ChatBody, chatBody } from "./lib/protocol/body.ts";
export type { AnsweredConversation, Conversation } from "./lib/protocol/conversation.ts";
export { completeSchema } from "./lib/protocol/schema.ts";
export { type ConvertedTool, convertTool, MAX_TOOLS } from "./lib/protocol/tools.ts";
export {
  type CompletionInput,
  completionTokens,
  estimateTokens,
  type TextSize,
  textSize,
} from "./lib/protocol/budget.ts";
export { readSwitches, type Switches, type Variables } from "./lib/protocol/switches.ts";
export { fittingEffort, type ModelAbilities, type ThinkingType } from "./lib/protocol/efforts.ts";
export { readModels } from "./lib/protocol/model_answer.ts";
export { KNOWN_MODELS, type Model } from "./lib/protocol/models.ts";
export { type Booster, type Quotas, type QuotaWindow, readQuotas } from "./lib/protocol/usage.ts";
export { type OnTotal, readUsage, type Watchdog } from "./lib/protocol/stream.ts";
export {
  type ExplainContext,
  explainFailure,
  type Failure,
  type FailureContext,
  type FailureKind,
  readFailure,
} from "./lib/protocol/failure.ts";
export { invitesRetry } from "./lib/protocol/retry_words.ts";
export { assertTrusted, type Hosts, resolveHosts } from "./lib/protocol/hosts.ts";
export { type Region, regionOf, REGIONS } from "./lib/protocol/regions.ts";
export type { JsonObject } from "./lib/protocol/reader.ts";
export type { CacheFile, Environment, Lock, LogLevel, SharedFile } from "./lib/auth/environment.ts";
export {
  type AuthEntry,
  authEntry,
  type Credential,
  credentialOf,
  needsRefresh,
  readClaims,
  readCredential,
  remainingSeconds,
} from "./lib/auth/credential.ts";
export {
  type LoginEnvironment,
  type LoginOptions,
  type PendingLogin,
  startDeviceLogin,
} from "./lib/auth/device_login.ts";
export {
  type CredentialStore,
  type TokenEnvironment,
  type TokenSource,
  tokenSource,
  type TokenSourceOptions,
} from "./lib/auth/token_source.ts";
export { type RefreshChain, type RefreshMemory, refreshMemory } from "./lib/auth/refresh_memory.ts";
export {
  type Chat,
  chat,
  type ChatEnvironment,
  type ChatModel,
  type ChatOptions,
} from "./lib/auth/chat.ts";
export { listModels, type ModelListOptions } from "./lib/auth/model_list.ts";
export { askQuotas, type QuotaRequest, requestQuotas } from "./lib/auth/quotas.ts";
