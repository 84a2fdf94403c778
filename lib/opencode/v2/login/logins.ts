/** The login of auth.json, which follows the row that opencode uses. */

import { createAuthJsonStore } from "../../../client/auth_json/store.ts";
import type { Environment } from "../../../client/environment.ts";
import { type Credential, mintedAt } from "../../../client/tokens/credential.ts";
import { type LoginStore, memoryStore } from "../../../client/tokens/login_store.ts";
import { KimiError } from "../../../kimi/errors/kimi_error.ts";
import { parkedLogin, parking } from "./parked.ts";
import type { RowLogin } from "./row.ts";

/** The stored logins. */
export interface Logins {
  /** Opens the store of the login in use. */
  readonly store: () => Promise<LoginStore>;
  /** Puts the newest known login of a row's account into the store, and returns it. */
  readonly follow: (row: RowLogin) => Promise<Credential>;
}

/** How often to look again if another program changes the login meanwhile. */
const TRIES = 8;

/** Opens the stored logins. Without a folder for auth.json, the login is kept in memory, and in the row. */
export function createLogins(environment: Pick<Environment, "sleep" | "authFile">): Logins {
  const memory = memoryStore();
  const open = once(async () => {
    const file = await environment.authFile();
    if (file === undefined) return undefined;
    return { file, store: createAuthJsonStore(environment, parking(file)) };
  });

  async function inMemory(row: RowLogin): Promise<Credential> {
    const best = newest(await memory.read(), undefined, row);
    await memory.save(best);
    return best;
  }

  /** Returns undefined if another program was faster. */
  async function put(row: RowLogin): Promise<Credential | undefined> {
    const opened = await open();
    if (opened === undefined) return await inMemory(row);
    const { store, file } = opened;
    const look = async () => {
      const kept = await store.read();
      const best = newest(kept, await file.read(), row);
      return { kept, best, isKept: kept?.refresh === best.refresh };
    };
    const found = await look();
    if (found.isKept) return found.kept;
    return await store.withLease(async ({ renew }) => {
      const { kept, best, isKept } = await look();
      if (isKept) return kept;
      if (!await renew()) return undefined;
      if (kept !== undefined) return await store.update(kept, best) === "stored" ? best : undefined;
      const held = () => Promise.resolve({ renew, release: () => Promise.resolve() });
      await createAuthJsonStore(environment, { ...file, lock: held }).save(best);
      return best;
    }, () => Promise.resolve(false));
  }

  return {
    store: async () => (await open())?.store ?? memory,
    async follow(row) {
      for (let tries = 0; tries < TRIES; tries++) {
        const login = await put(row);
        if (login !== undefined) return login;
      }
      throw new KimiError("not_stored", "auth.json is overwritten again and again");
    },
  };
}

/** The newest login of a row's account: the one in use, one that waits, or the row's own. */
function newest(
  kept: Credential | undefined,
  text: string | undefined,
  row: RowLogin,
): Credential {
  const known = kept !== undefined && row.isOf(kept) ? kept : parkedLogin(text, row.isOf);
  if (known === undefined || mintedAt(row.credential) > mintedAt(known)) return row.credential;
  return known;
}

/** Remembers a result that is not undefined. */
function once<T>(make: () => Promise<T | undefined>): () => Promise<T | undefined> {
  let made: T | undefined;
  return async () => made ??= await make();
}
