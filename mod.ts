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
} from "./lib/kimi/identity/constants.ts";
export {
  KimiError,
  type KimiErrorCode,
  type KimiErrorOptions,
} from "./lib/kimi/errors/kimi_error.ts";
export { identityHeaders } from "./lib/kimi/identity/fingerprint.ts";
export type { Device, DeviceFacts } from "./lib/kimi/identity/device.ts";
export { asciiHeaderValue, deviceModel } from "./lib/kimi/kimi_cli/fingerprint.ts";
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
} from "./lib/kimi/oauth/grants.ts";
export {
  chosenEffort,
  type EffortFields,
  effortFields,
  type Thinking,
  THINKING_EFFORTS,
} from "./lib/kimi/chat/params.ts";
export type {
  AnsweredConversation,
  BodyContext,
  ChatBody,
  Conversation,
} from "./lib/kimi/chat/body.ts";
export { chatBody } from "./lib/kimi/kimi_cli/body.ts";
export { completeToolSchema } from "./lib/kimi/kimi_cli/tool_schema.ts";
export { type ConvertedTool, convertTool, MAX_TOOLS } from "./lib/kimi/kimi_cli/tools.ts";
export {
  type CompletionInput,
  completionTokens,
  estimateTokens,
  type TextSize,
  textSize,
} from "./lib/kimi/kimi_cli/token_budget.ts";
export { type EnvSettings, readEnvSettings, type Variables } from "./lib/kimi/chat/env_settings.ts";
export { fittingEffort, type ModelAbilities, type ThinkingType } from "./lib/kimi/chat/efforts.ts";
export { parseModels } from "./lib/kimi/models/response.ts";
export { KNOWN_MODELS, type Model } from "./lib/kimi/models/catalog.ts";
export {
  type Booster,
  parseUsage,
  type Usage,
  type UsageWindow,
} from "./lib/kimi/usage/response.ts";
export { type IdleTimeout, type OnTotal, readUsage } from "./lib/kimi/chat/usage_stream.ts";
export {
  type ApiError,
  type ExplainContext,
  explainFailure,
  type Failure,
  type FailureContext,
  type FailureKind,
  type HostWords,
  readFailure,
} from "./lib/kimi/errors/api_error.ts";
export { wouldRetry } from "./lib/kimi/errors/opencode_retry.ts";
export { assertTrusted, type Hosts, resolveHosts } from "./lib/kimi/identity/hosts.ts";
export { type Region, regionOf, REGIONS } from "./lib/kimi/identity/regions.ts";
export type { JsonObject } from "./lib/kimi/util/json.ts";
export type {
  CacheFile,
  Environment,
  Lock,
  LogLevel,
  SharedFile,
} from "./lib/client/environment.ts";
export {
  type AuthEntry,
  type Credential,
  credentialFromTokens,
  fromAuthEntry,
  needsRefresh,
  readClaims,
  remainingSeconds,
  toAuthEntry,
} from "./lib/client/tokens/credential.ts";
export {
  type LoginEnvironment,
  type LoginOptions,
  type PendingLogin,
  startDeviceLogin,
} from "./lib/client/tokens/device_login.ts";
export {
  createTokenManager,
  type RefreshChain,
  type RefreshMemory,
  type TokenEnvironment,
  type TokenManager,
  type TokenManagerOptions,
} from "./lib/client/tokens/token_manager.ts";
export type { Lease, LoginStore } from "./lib/client/tokens/login_store.ts";
export {
  type Chat,
  chat,
  type ChatEnvironment,
  type ChatModel,
  type ChatOptions,
} from "./lib/client/chat/fetch.ts";
export type { FetchEnvironment } from "./lib/client/net/fetch_whole.ts";
export { listModels, type ModelListOptions } from "./lib/client/account/list_models.ts";
export { fetchUsage, type QuotaRequest, requestUsage } from "./lib/client/account/fetch_usage.ts";
