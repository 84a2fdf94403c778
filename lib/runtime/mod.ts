/**
 * Environment and stores of the login for programs on Deno, Node and Bun.
 *
 * @example
 * ```ts
 * import { createKimi } from "@kimi/full";
 * import { memoryStore, systemEnvironment } from "@kimi/full/runtime";
 * import { assertEquals } from "@std/assert";
 *
 * const kimi = createKimi({ environment: systemEnvironment(), store: memoryStore() });
 * assertEquals(Object.keys(kimi), ["login", "models", "usage", "fetch"]);
 * ```
 *
 * @module
 */

export { authJsonStore } from "./auth_json_store.ts";
export { systemEnvironment } from "./environment.ts";
export { memoryStore } from "../client/tokens/memory_store.ts";
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
