import { assert, assertEquals, assertRejects } from "@std/assert";
import { replaceEntry } from "../../../../lib/client/auth_json/edit.ts";
import { toAuthEntry } from "../../../../lib/client/tokens/credential.ts";
import type { OpencodeClient } from "../../../../lib/opencode/v1/types.ts";
import { KimiError } from "../../../../lib/kimi/errors/kimi_error.ts";
import { jwtLogin, login } from "../../../client/fixtures.ts";
import { ID } from "../fixtures.ts";
import { inFolder } from "./stored_login.ts";

const used = login();
const fresh = login(900, "1");

Deno.test("contract 9: a login that a stale writer puts back at once is written over again", () =>
  inFolder({}, async (opencode) => {
    opencode.afterSet = () => opencode.overwrite(used);
    await opencode.store.write(fresh, used);
    assertEquals(opencode.kept(), fresh.refresh);
    assertEquals((await opencode.store.read())?.access, fresh.access);
    const { mode } = await Deno.stat(opencode.file.path);
    assertEquals((mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("contract 9: so is one that is put back a moment later, several times", () =>
  inFolder({}, async (opencode) => {
    await opencode.store.write(fresh, used);
    let times = 0;
    opencode.environment.onSleep = () => void (times++ % 2 === 0 && opencode.overwrite(used));
    await opencode.store.settle();
    assertEquals(opencode.kept(), fresh.refresh);
    assert(times >= 2, "watched for a while");
    const waited = opencode.environment.sleeps.reduce((sum, sleep) => sum + sleep, 0);
    assert(waited < 1_000, "the lock is not held for long");
  }));

Deno.test("contract 11: another login there is newer and wins, at once or a moment later", () =>
  inFolder({}, async (opencode) => {
    const other = login(900, "another");
    opencode.afterSet = () => opencode.overwrite(other);
    await opencode.store.write(fresh, used);
    assertEquals(opencode.kept(), other.refresh);
    opencode.afterSet = () => undefined;
    await opencode.store.write(fresh, used);
    opencode.environment.onSleep = () => opencode.overwrite(other);
    await opencode.store.settle();
    assertEquals(opencode.kept(), other.refresh);
  }));

Deno.test("contract 11: an entry that stays absent for a second is a logout and stays absent", () =>
  inFolder({}, async (opencode) => {
    opencode.afterSet = () => opencode.overwrite(undefined);
    await opencode.store.write(fresh, used);
    assertEquals(opencode.kept(), undefined);
    const waited = opencode.environment.sleeps.reduce((sum, sleep) => sum + sleep, 0);
    assertEquals(waited, 1_000);
    await opencode.store.settle();
    assertEquals([opencode.kept(), await opencode.store.read()], [undefined, undefined]);
  }));

Deno.test("an entry that is absent for less, while opencode rewrites its file, is waited for", () =>
  inFolder({}, async (opencode) => {
    opencode.afterSet = () => Deno.truncateSync(opencode.file.path);
    opencode.environment.onSleep = () => {
      if (opencode.environment.sleeps.length === 10) opencode.overwrite(used);
    };
    await opencode.store.write(fresh, used);
    assertEquals([opencode.kept(), opencode.environment.sleeps.length], [fresh.refresh, 10]);
  }));

Deno.test("with OPENCODE_AUTH_CONTENT, the newer of variable and file is used", async () => {
  const [older, newer] = [jwtLogin(900, 300), jwtLogin(900, 800)];
  await inFolder({ variable: older }, async ({ store, overwrite }) => {
    overwrite(undefined);
    assertEquals((await store.read())?.access, older.access, "the variable alone");
    overwrite(newer);
    assertEquals((await store.read())?.access, newer.access);
  });
  await inFolder({ variable: newer }, async ({ store, overwrite }) => {
    overwrite(older);
    assertEquals((await store.read())?.access, newer.access);
  });
});

Deno.test("with OPENCODE_AUTH_CONTENT, a long-lived token is not newer for its late end", async () => {
  const [long, short] = [jwtLogin(90_000, 80_000), jwtLogin(900, 800)];
  await inFolder({ variable: long }, async ({ store, overwrite }) => {
    overwrite(short);
    assertEquals((await store.read())?.access, short.access);
  });
});

Deno.test("without OPENCODE_AUTH_CONTENT, opencode alone is asked", () =>
  inFolder({}, async ({ store, file, environment }) => {
    await Deno.remove(file.path);
    await file.replace(
      replaceEntry('{"other":{"type":"api","key":"kept"}}', ID, toAuthEntry(fresh)),
    );
    assertEquals((await store.read())?.access, fresh.access);
    assertEquals(environment.sleeps, []);
  }));

Deno.test("contract 9: what opencode refuses to store is written into the file, and no other entry touched", async () => {
  const refusals: readonly OpencodeClient["auth"]["set"][] = [
    () => Promise.resolve({ error: { name: "BadRequest" } }),
    () => Promise.reject(new Error("socket hang up")),
  ];
  for (const set of refusals) {
    await inFolder({ set }, async ({ store, file, kept }) => {
      const before = await file.read();
      await store.write(fresh, used);
      assertEquals(kept(), fresh.refresh);
      assertEquals(await file.read(), replaceEntry(before, ID, toAuthEntry(fresh)));
    });
  }
});

Deno.test("contract 9: a login that could not be kept is not refreshed: the error names the path and the cure", () =>
  inFolder({}, async ({ store, file, overwrite }) => {
    await store.assertWritable();
    await Deno.remove(file.path);
    await Deno.mkdir(file.path);
    const error = await assertRejects(() => store.assertWritable(), KimiError, file.path);
    assertEquals(error.code, "not_stored");
    assert(error.message.includes("EISDIR"), error.message);
    assert(error.message.endsWith("Make the file and its folder writable"), error.message);
    await Deno.remove(file.path);
    overwrite(used);
  }));

Deno.test("contract 9: neither is one whose lock cannot be made", () =>
  inFolder({}, async ({ store, file, overwrite }) => {
    await Deno.remove(file.path.slice(0, file.path.lastIndexOf("/")), { recursive: true });
    const error = await assertRejects(() => store.lock(), KimiError, file.path);
    assertEquals(error.code, "not_stored");
    await Deno.mkdir(file.path.slice(0, file.path.lastIndexOf("/")));
    overwrite(used);
  }));
