/**
 * Kimi For Coding in a program of your own: {@linkcode createKimi} logs in by device authorization,
 * keeps the login fresh, and has a `fetch` for any OpenAI client. It needs Web APIs only; clock, network
 * and device are a {@linkcode KimiEnvironment}, which `@kimi/full/runtime` has for Deno, Node and Bun.
 *
 * @example
 * ```ts
 * import { createKimi, memoryStore } from "@kimi/full";
 * import { systemEnvironment } from "@kimi/full/runtime";
 * import { assertEquals } from "@std/assert";
 *
 * const kimi = createKimi({ environment: systemEnvironment(), store: memoryStore() });
 * const answer = await kimi.fetch("https://api.openai.com/v1/models");
 * assertEquals(answer.status, 401);
 * assertEquals((await answer.json()).error.message, "Not logged in to Kimi: call login() first");
 * ```
 *
 * @module
 */

export {
  createKimi,
  type Kimi,
  type KimiLoginOptions,
  type KimiOptions,
  type Verification,
} from "./lib/client/kimi.ts";
export type { KimiEnvironment, LogLevel } from "./lib/client/environment.ts";
export type { Lease, LoginStore } from "./lib/client/tokens/login_store.ts";
export { memoryStore } from "./lib/client/tokens/login_store.ts";
export {
  type AuthEntry,
  type Credential,
  credentialFromTokens,
  fromAuthEntry,
  toAuthEntry,
} from "./lib/client/tokens/credential.ts";
export { KimiError, type KimiErrorCode } from "./lib/kimi/errors/kimi_error.ts";
export { type ClientName, KIMI_CLI_VERSION, VERSION } from "./lib/kimi/identity/constants.ts";
export { identityHeaders } from "./lib/kimi/identity/fingerprint.ts";
export type { Device, DeviceFacts } from "./lib/kimi/identity/device.ts";
export { type Hosts, type Region, REGIONS } from "./lib/kimi/identity/regions.ts";
export type { TokenSet } from "./lib/kimi/oauth/grants.ts";
export type { Variables } from "./lib/kimi/chat/env_settings.ts";
export type { ModelAbilities, ThinkingType } from "./lib/kimi/chat/efforts.ts";
export { KNOWN_MODELS, type Model } from "./lib/kimi/models/catalog.ts";
export type { Booster, Usage, UsageWindow } from "./lib/kimi/usage/response.ts";
