/** What an ordinary refresh of the plugin asks of the disk. */

import { assert, assertEquals } from "@std/assert";
import { toAuthEntry } from "../../../../lib/client/tokens/credential.ts";
import { createTokenManager } from "../../../../lib/client/tokens/token_manager.ts";
import { createRefreshMemory } from "../../../../lib/client/tokens/login_store.ts";
import { createOpencodeStore } from "../../../../lib/opencode/v1/credential_store.ts";
import { resolveHosts } from "../../../../lib/kimi/identity/hosts.ts";
import { sharedFile } from "../../../../lib/runtime/fs/atomic_file.ts";
import { login, tokenAnswer } from "../../../client/fixtures.ts";
import { fakeEnvironment } from "../../../support/environment.ts";
import { ID } from "../fixtures.ts";

Deno.test("a refresh opens auth.json once, reads it five times at most, and writes it once", async () => {
  for (const left of [400, 0]) {
    const folder = await Deno.makeTempDir({ prefix: "kimi-cost-" });
    try {
      const text = JSON.stringify({ other: 1, [ID]: toAuthEntry(login(left)) });
      await Deno.writeTextFile(`${folder}/auth.json`, text);
      const counts = { opened: 0, read: 0, replaced: 0, checked: 0, locked: 0, asked: 0, set: 0 };
      const real = sharedFile(`${folder}/auth.json`);
      const file = {
        ...real,
        read: () => real.read().finally(() => counts.read++),
        replace: (text: string) => real.replace(text).finally(() => counts.replaced++),
        assertWritable: () => real.assertWritable().finally(() => counts.checked++),
        lock: () => real.lock().finally(() => counts.locked++),
      };
      const environment = Object.assign(fakeEnvironment({ answer: () => tokenAnswer(1) }), {
        authFile: () => Promise.resolve(file).finally(() => counts.opened++),
      });
      const set = () => Promise.resolve(counts.set++);
      const getAuth = () => Promise.resolve(counts.asked++);
      const store = createOpencodeStore(environment, { auth: { set } }, getAuth);
      const hosts = () => resolveHosts({});
      const options = { hosts, client: "kimi-cli", memory: createRefreshMemory() } as const;
      const tokens = createTokenManager(environment, store, options);
      await tokens.current();
      await tokens.settled();
      const { read, ...others } = counts;
      assert(read <= 5, `${read} reads`);
      const once = { opened: 1, replaced: 1, checked: 1, locked: 1 };
      assertEquals(others, { ...once, asked: 0, set: 0 });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
});
