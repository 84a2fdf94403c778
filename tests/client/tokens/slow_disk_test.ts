/** Two managers with memories of their own, as two processes have them, on one auth.json and its lock. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { createAuthJsonStore } from "../../../lib/client/auth_json/store.ts";
import { readLogin } from "../../../lib/client/auth_json/edit.ts";
import type { SharedFile } from "../../../lib/client/environment.ts";
import { toAuthEntry } from "../../../lib/client/tokens/credential.ts";
import { createTokenManager, type TokenManager } from "../../../lib/client/tokens/token_manager.ts";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { resolveHosts } from "../../../lib/kimi/identity/hosts.ts";
import { sharedFile } from "../../../lib/runtime/fs/atomic_file.ts";
import { sleep } from "../../../lib/runtime/clock.ts";
import { fakeEnvironment } from "../../support/environment.ts";
import { login, tokenAnswer } from "../fixtures.ts";

/** Milliseconds that a process's disk and Kimi take. */
interface Delays {
  readonly disk: number;
  readonly kimi: number;
}

interface Stage {
  readonly start: (name: string, delays: Delays, changes?: Partial<SharedFile>) => TokenManager;
  readonly kept: () => string | undefined;
  readonly sent: string[];
  readonly path: string;
}

async function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "kimi-slow-" });
  const path = `${folder}/auth.json`;
  const sent: string[] = [];
  try {
    const entries = { other: 1, "kimi-for-coding-oauth": toAuthEntry(login(0)) };
    await Deno.writeTextFile(path, JSON.stringify(entries));
    await run({
      sent,
      path,
      kept: () => readLogin(Deno.readTextFileSync(path))?.refresh,
      start(name, { disk, kimi }, changes = {}) {
        const real = sharedFile(path);
        const file: SharedFile = {
          ...real,
          assertWritable: () => sleep(disk).then(real.assertWritable),
          replace: (text, over) => sleep(disk).then(() => real.replace(text, over)),
          ...changes,
        };
        const environment = Object.assign(fakeEnvironment(), { sleep });
        environment.answer = async ({ body }) => {
          sent.push(`${name} ${new URLSearchParams(body).get("refresh_token")}`);
          await sleep(kimi);
          return tokenAnswer(name);
        };
        const hosts = () => resolveHosts({});
        const options = { hosts, client: "kimi-cli", memory: createRefreshMemory() } as const;
        return createTokenManager(environment, createAuthJsonStore({ sleep }, file), options);
      },
    });
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["auth.json"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const STEPS: Readonly<Record<string, () => Promise<void>>> = {
  "a disk and a Kimi that are as slow as they may be cost no login: one process sends the token":
    () =>
      onStage(async ({ start, sent, kept }) => {
        const slow = start("A", { disk: 6_000, kimi: 14_500 }).current();
        await sleep(300);
        const other = start("B", { disk: 0, kimi: 0 }).current();
        const all = await Promise.all([slow, other]);
        assertEquals(all.map(({ access }) => access), ["SECRET-aA", "SECRET-aA"]);
        assertEquals([sent, kept()], [["A SECRET-r0"], "SECRET-rA"]);
      }),

  "while a refreshed login cannot be stored, another process waits, and then has it": () =>
    onStage(async ({ start, sent, kept, path }) => {
      let failures = 0;
      const replace = (text: string) => {
        if (++failures <= 4) return Promise.reject(new Error("ENOSPC: no space left on device"));
        return Promise.resolve(void Deno.writeTextFileSync(path, text));
      };
      const a = start("A", { disk: 0, kimi: 0 }, { replace });
      assertEquals((await a.current()).access, "SECRET-aA", "it is used at once");
      assertEquals(kept(), "SECRET-r0");
      const b = start("B", { disk: 0, kimi: 0 });
      assertEquals((await b.current()).access, "SECRET-aA");
      await a.settled();
      assertEquals([sent, kept()], [["A SECRET-r0"], "SECRET-rA"]);
    }),

  "on a full disk no refresh token is spent, which the error after a 401 says; with room it is, and stored":
    () =>
      onStage(async ({ start, sent, kept, path }) => {
        const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        let isFull = true;
        const assertWritable = () => isFull ? Promise.reject(full) : Promise.resolve();
        const a = start("A", { disk: 0, kimi: 0 }, { assertWritable });
        const { access } = await a.current();
        const { message } = await assertRejects(() => a.renew(access), KimiError);
        const told = `${path} (ENOSPC): the disk is full: make room`;
        assertEquals(message, `The login is not refreshed, since it could not be kept in ${told}`);
        assertEquals([sent, kept()], [[], "SECRET-r0"]);
        isFull = false;
        assertEquals((await a.current()).access, "SECRET-aA");
        assertEquals([sent, kept()], [["A SECRET-r0"], "SECRET-rA"]);
      }),
};

Deno.test("contract 9: slow or full disks of two processes", async (t) => {
  const concurrent = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  const held = await Promise.all(
    Object.entries(STEPS).map(([name, fn]) => t.step({ name, fn, ...concurrent })),
  );
  assert(held.every((step) => step));
});
