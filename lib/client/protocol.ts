/**
 * What {@linkcode createKimi} is made of: the requests and answers of the Kimi For Coding plan as
 * pure functions, and the parts that join them. Less stable than the rest of this package: names and
 * shapes may change in any minor release.
 *
 * @module
 */

export {
  type ClientName,
  DEFAULT_SCOPE,
  KIMI_CLI_VERSION,
  VERSION,
} from "../kimi/identity/constants.ts";
export { KimiError, type KimiErrorCode } from "../kimi/errors/kimi_error.ts";
export { identityHeaders } from "../kimi/identity/fingerprint.ts";
export type { Device, DeviceFacts } from "../kimi/identity/device.ts";
export { asciiHeaderValue, deviceModel } from "../kimi/kimi_cli/fingerprint.ts";
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
} from "../kimi/oauth/grants.ts";
export {
  chosenEffort,
  type EffortFields,
  effortFields,
  type Thinking,
  THINKING_EFFORTS,
} from "../kimi/chat/params.ts";
export type {
  AnsweredConversation,
  BodyContext,
  ChatBody,
  Conversation,
  Spelled,
} from "../kimi/chat/body.ts";
export { chatBody, convertTool } from "../kimi/kimi_cli/body.ts";
export { completeToolSchema } from "../kimi/kimi_cli/tool_schema.ts";
export { type ConvertedTool, MAX_TOOLS } from "../kimi/chat_body/tools.ts";
export { estimateTokens, type TextSize, textSize } from "../kimi/chat_body/tokens.ts";
export { type CompletionInput, completionTokens } from "../kimi/kimi_cli/token_budget.ts";
export { type EnvSettings, readEnvSettings, type Variables } from "../kimi/chat/env_settings.ts";
export { fittingEffort, type ModelAbilities, type ThinkingType } from "../kimi/chat/efforts.ts";
export { parseModels } from "../kimi/models/response.ts";
export { KNOWN_MODELS, type Model } from "../kimi/models/catalog.ts";
export { type Booster, parseUsage, type Usage, type UsageWindow } from "../kimi/usage/response.ts";
export { type AnswerHandlers, type IdleTimeout, readAnswer } from "../kimi/chat/answer_stream.ts";
export { type Failure, readFailure } from "../kimi/errors/api_error.ts";
export type { ApiError, FailureKind } from "../kimi/errors/error_table.ts";
export type { FailureContext, HostWords } from "../kimi/errors/error_words.ts";
export { resolveHosts } from "../kimi/identity/hosts.ts";
export { type Hosts, type Region, REGIONS } from "../kimi/identity/regions.ts";
export type { JsonObject } from "../kimi/util/json.ts";
export type {
  CacheFile,
  Environment,
  KimiEnvironment,
  Lock,
  LogLevel,
  SharedFile,
} from "./environment.ts";
export {
  type AuthEntry,
  type Credential,
  credentialFromTokens,
  fromAuthEntry,
  needsRefresh,
  toAuthEntry,
} from "./tokens/credential.ts";
export {
  type LoginEnvironment,
  type LoginOptions,
  type PendingLogin,
  startDeviceLogin,
} from "./tokens/device_login.ts";
export type { TokenManager } from "./tokens/token_manager.ts";
export type { Lease, LoginStore } from "./tokens/login_store.ts";
export { memoryStore } from "./tokens/login_store.ts";
export {
  type Chat,
  type ChatEnvironment,
  type ChatModel,
  type ChatOptions,
  type ChatTokens,
  createChat,
} from "./chat/fetch.ts";
export type { KeptForChat } from "./chat/chat_options.ts";
export type { Spellings } from "./kept/spellings.ts";
export type { FetchEnvironment } from "./net/fetch_whole.ts";
