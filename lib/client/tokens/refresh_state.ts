/**
 * What a process remembers of its refreshes.
 *
 * @module
 */

import { conceal } from "../../kimi/util/redact.ts";
import type { Credential } from "./credential.ts";

/** Logins that came of one another by refreshes. */
export interface RefreshChain {
  /** The newest. */
  latest: Credential;
  /** Refresh tokens of the others, oldest first. */
  readonly spent: string[];
}

/**
 * What a process remembers of its refreshes. All sources of a process share one, so that two windows
 * of one opencode never send the same refresh token twice.
 */
export interface RefreshState {
  /** By a spent refresh token, the chain that it belongs to. */
  readonly chains: Map<string, RefreshChain>;
  /** Refresh tokens that the service rejected. */
  readonly rejected: Set<string>;
  /** Refresh tokens whose answer was lost: the service may have rotated them. */
  readonly uncertain: Set<string>;
  /** By a refresh token, the refresh that is under way with it. */
  readonly underWay: Map<string, Promise<Credential>>;
}

/**
 * Makes an empty memory.
 *
 * @returns The memory.
 * @example
 * ```ts
 * import { createRefreshState } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(createRefreshState().rejected.has("a refresh token"), false);
 * ```
 */
export function createRefreshState(): RefreshState {
  return conceal({}, {
    chains: new Map(),
    rejected: new Set<string>(),
    uncertain: new Set<string>(),
    underWay: new Map(),
  });
}

/** The first of a chain is kept besides: it is what OPENCODE_AUTH_CONTENT goes on giving. */
const MAX_SPENT = 32;

/**
 * Notes that a refresh token is spent.
 *
 * @param memory Changed in place.
 * @param used The refresh token.
 * @param fresh What came of it.
 */
export function noteSpent(memory: RefreshState, used: string, fresh: Credential): void {
  const { chains } = memory;
  const chain = [...chains.values()].find(({ latest }) => latest.refresh === used) ??
    { latest: fresh, spent: [] };
  chain.latest = fresh;
  chain.spent.push(used);
  chains.set(used, chain);
  memory.uncertain.delete(used);
  if (chain.spent.length <= MAX_SPENT) return;
  const [old] = chain.spent.splice(1, 1);
  if (old !== undefined) chains.delete(old);
}
