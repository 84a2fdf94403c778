/**
 * Environment and stores of the login for programs on Deno, Node and Bun.
 *
 * @module
 */

export { authJsonStore } from "./auth_json_store.ts";
export { systemEnvironment } from "./environment.ts";
export { memoryStore } from "../client/tokens/login_store.ts";
export type {
  CacheFile,
  Environment,
  KimiEnvironment,
  Lock,
  LogLevel,
  SharedFile,
} from "../client/environment.ts";
export type { Credential } from "../client/tokens/credential.ts";
export type { Lease, LoginStore } from "../client/tokens/login_store.ts";
export type { Variables } from "../kimi/chat/env_settings.ts";
export type { Device, DeviceFacts } from "../kimi/identity/device.ts";
export type { Hosts } from "../kimi/identity/regions.ts";
