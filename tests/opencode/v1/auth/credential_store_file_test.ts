import { assert, assertEquals, assertRejects } from "@std/assert";
import { replaceEntry } from "../../../../lib/client/auth_json/edit.ts";
import { toAuthEntry } from "../../../../lib/client/tokens/credential.ts";
import { createOpencodeStore } from "../../../../lib/opencode/v1/credential_store.ts";
import { KimiError } from "../../../../lib/kimi/errors/kimi_error.ts";
import { jwtLogin, login } from "../../../client/fixtures.ts";
import { fakeOpencode, ID, oauthEntry } from "../fixtures.ts";
import { inFolder } from "./stored_login.ts";

const used = login();
const fresh = login(900, "1");

Deno.test("contract 9: a login that a stale writer puts back a moment later is replaced again", () =>
  inFolder({}, async (opencode) => {
    let times = 0;
    opencode.environment.onSleep = () => void (times++ % 2 === 0 && opencode.overwrite(used));
    assertEquals(await opencode.store.update(used, fresh), "stored");
    assertEquals(opencode.kept(), fresh.refresh);
    assertEquals((await opencode.store.read())?.access, fresh.access);
    const { mode } = await Deno.stat(opencode.file.path);
    assertEquals((mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("contract 11: another login that comes meanwhile is newer and wins", () =>
  inFolder({}, async (opencode) => {
    const other = login(900, "another");
    opencode.environment.onSleep = () => opencode.overwrite(other);
    assertEquals(await opencode.store.update(used, fresh), "superseded");
    assertEquals(opencode.kept(), other.refresh);
  }));

Deno.test("contract 11: an entry that stays absent for a second is a logout and stays absent", () =>
  inFolder({}, async (opencode) => {
    opencode.environment.onSleep = () => opencode.overwrite(undefined);
    assertEquals(await opencode.store.update(used, fresh), "superseded");
    assertEquals([opencode.kept(), await opencode.store.read()], [undefined, undefined]);
  }));

Deno.test("contract 9: a refresh in the file keeps every other byte, and is read by opencode", () =>
  inFolder({}, async ({ store, file, kept }) => {
    const before = await file.read();
    assertEquals(await store.update(used, fresh), "stored");
    assertEquals(kept(), fresh.refresh);
    assertEquals(await file.read(), replaceEntry(before, ID, toAuthEntry(fresh)));
  }));

Deno.test("contract 9: an entry of a form that opencode does not know survives a refresh", () =>
  inFolder({}, async ({ store, file }) => {
    const newer = { type: "passkey", of: ["a newer opencode", 1.50] };
    await file.replace(replaceEntry(await file.read(), "third", newer));
    await store.update(used, fresh);
    assertEquals(JSON.parse(await file.read() ?? "").third, newer);
  }));

Deno.test("a logout or a login in another window is seen by the next request", () =>
  inFolder({}, async ({ store, overwrite }) => {
    for (const [index, other] of [login(900, "7"), undefined, login(900, "8")].entries()) {
      await store.read();
      overwrite(other);
      assertEquals((await store.read())?.refresh, other?.refresh, `${index}`);
    }
  }));

Deno.test("a login that only opencode knows is used, and stored through opencode", async () => {
  const opencode = fakeOpencode(oauthEntry());
  await inFolder({}, async ({ file, environment, overwrite }) => {
    overwrite(undefined);
    const parts = { ...environment, authFile: () => Promise.resolve(file) };
    const store = createOpencodeStore(parts, opencode.client, opencode.getAuth);
    assertEquals((await store.read())?.refresh, "SECRET-r0");
    assertEquals(await store.update(login(), fresh), "stored");
    assertEquals(opencode.set.length, 1);
    overwrite(login(900, "5"));
    assertEquals((await store.read())?.refresh, "SECRET-r5");
    overwrite(undefined);
    opencode.entry = undefined;
    assertEquals([await store.read(), await store.update(login(900, "5"), fresh)], [
      undefined,
      "superseded",
    ]);
    assertEquals(opencode.set.length, 1);
  });
});

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

Deno.test("contract 9: a login that could not be stored is not refreshed: the error names path and fix", () =>
  inFolder({}, async ({ store, file, overwrite }) => {
    await Deno.remove(file.path);
    await Deno.mkdir(file.path);
    const lease = () => store.withLease(({ renew }) => renew(), () => Promise.resolve(false));
    const error = await assertRejects(lease, KimiError, file.path);
    assertEquals(error.code, "not_stored");
    assert(error.message.includes("EISDIR"), error.message);
    assert(error.message.endsWith("a folder is in its place: move it away"), error.message);
    await Deno.remove(file.path);
    const folder = file.path.slice(0, file.path.lastIndexOf("/"));
    await Deno.remove(folder, { recursive: true });
    assertEquals((await assertRejects(lease, KimiError, file.path)).code, "not_stored");
    await Deno.mkdir(folder);
    overwrite(used);
  }));
