/** Where the plugin keeps the login: opencode's auth.json, or what opencode's client reaches if there is none. */

import type { Environment } from "../../client/environment.ts";
import { createAuthJsonStore } from "../../client/auth_json/store.ts";
import { fromAuthEntry, toAuthEntry } from "../../client/tokens/credential.ts";
import { type LoginStore, plainStore, UNSHARED } from "../../client/tokens/login_store.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { objectOf, printable } from "../../kimi/util/json.ts";
import { withoutSecrets } from "../../kimi/util/redact.ts";
import type { OpencodeClient } from "./types.ts";

/** Makes the store. opencode reads its file at each call of `getAuth`. */
export function createOpencodeStore(
  { variables, sleep, authFile }: Pick<Environment, "variables" | "sleep" | "authFile">,
  client: OpencodeClient,
  getAuth: () => Promise<unknown>,
): Required<LoginStore> {
  const clientStore = createClientStore(client, getAuth);
  let fileStore: Required<LoginStore> | undefined;
  /** Whether opencode has a login that is not in the auth.json which we know of. */
  let isElsewhere = false;

  const inFile = async () =>
    fileStore ??= await authFile().then((file) =>
      file && createAuthJsonStore({ sleep }, file, variables.OPENCODE_AUTH_CONTENT)
    );
  const store = async () => (isElsewhere ? undefined : await inFile()) ?? clientStore;

  return {
    peek: () => fileStore?.peek(),
    async read() {
      const login = await (await inFile())?.read();
      const other = login === undefined ? await clientStore.read() : undefined;
      isElsewhere = other !== undefined;
      return login ?? other;
    },
    update: async (from, to) => await (await store()).update(from, to),
    save: async (login, signal) => await (await store()).save(login, signal),
    withLease: async (work, isMoot) =>
      await ((await inFile())?.withLease(work, isMoot) ?? work(UNSHARED)),
  };
}

function createClientStore(client: OpencodeClient, getAuth: () => Promise<unknown>): LoginStore {
  return plainStore(async () => fromAuthEntry(await getAuth()), async (login) => {
    const result = await client.auth.set({ path: { id: PROVIDER_ID }, body: toAuthEntry(login) });
    const problem = objectOf(result).error ?? undefined;
    if (problem === undefined) return;
    // 1.14 repeats the whole entry in its answer.
    const reply = withoutSecrets(JSON.stringify(problem), [login.access, login.refresh]);
    throw new Error(`opencode refused it: ${printable(reply)}`);
  });
}
