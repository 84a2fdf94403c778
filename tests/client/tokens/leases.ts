/** Leases that a test hands out, and what was sent under them. */

import type { Lease } from "../../../lib/client/tokens/login_store.ts";
import type { MemoryStore, Setup } from "../fixtures.ts";

/** What is sent, by its refresh token. */
export function spent({ environment }: Setup): readonly (string | null)[] {
  return environment.sent.map(({ body }) => new URLSearchParams(body).get("refresh_token"));
}

/** Puts a lock into a store, which another process may have meanwhile; returns what became of it. */
export function lockOf(
  store: MemoryStore,
  lock: (isMoot: () => Promise<boolean>) => Promise<Lease | undefined>,
): { taken: number; released: number } {
  const seen = { taken: 0, released: 0 };
  store.withLease = async (work, isMoot) => {
    const lease = await lock(isMoot);
    if (lease === undefined) return undefined;
    seen.taken++;
    return await work(lease).finally(() => seen.released++);
  };
  return seen;
}
