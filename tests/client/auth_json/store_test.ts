import { assert, assertEquals, assertRejects } from "@std/assert";
import { createAuthJsonStore } from "../../../lib/client/auth_json/store.ts";
import { replaceEntry } from "../../../lib/client/auth_json/edit.ts";
import { type Credential, toAuthEntry } from "../../../lib/client/tokens/credential.ts";
import type { SharedFile } from "../../../lib/client/environment.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import type { Lease } from "../../../lib/client/tokens/login_store.ts";
import { login } from "../fixtures.ts";

const ID = "kimi-for-coding-oauth";
const OTHERS = '{"other":{"type":"api","key":"k"}}';
const used = login(100);
const fresh = login(900, "1");

function textOf(credential: Credential): string {
  return replaceEntry(OTHERS, ID, toAuthEntry(credential));
}

/** A store over a file in memory; `onSleep` is called at each wait, with its number. */
function made(text: string | undefined, changes: Partial<SharedFile> = {}) {
  const steps: string[] = [];
  const seen = { text, sleeps: [] as number[], onSleep: (_wait: number) => {}, reads: 0, steps };
  const file: SharedFile = {
    path: "/data/opencode/auth.json",
    read() {
      seen.reads++;
      return Promise.resolve(seen.text);
    },
    replace(text) {
      steps.push("replaced");
      seen.text = text;
      return Promise.resolve();
    },
    assertWritable: () => Promise.resolve(void steps.push("writable")),
    lock: () =>
      Promise.resolve({
        renew: () => Promise.resolve(steps.push("renewed") > 0),
        release: () => Promise.resolve(void steps.push("released")),
      }),
    ...changes,
  };
  const sleep = (milliseconds: number) => {
    seen.sleeps.push(milliseconds);
    return Promise.resolve(seen.onSleep(seen.sleeps.length));
  };
  return { store: createAuthJsonStore({ sleep }, file), seen };
}

type Work = (lease: Lease) => Promise<unknown>;

const waited = (sleeps: readonly number[]) => sleeps.reduce((sum, sleep) => sum + sleep, 0);

Deno.test("contract 9: an update replaces one entry, keeps the bytes of the others, and reads it back once", async () => {
  const { store, seen } = made(textOf(used));
  assertEquals(await store.update(used, fresh), "stored");
  assertEquals([seen.text, seen.reads, seen.sleeps], [textOf(fresh), 2, [30]]);
});

Deno.test("contract 9: a spent login that an opencode puts back is replaced again, several times", async () => {
  const { store, seen } = made(textOf(used));
  seen.onSleep = (wait) => void (wait <= 3 && (seen.text = textOf(used)));
  assertEquals(await store.update(used, fresh), "stored");
  assertEquals(seen.text, textOf(fresh));
  assert(waited(seen.sleeps) < 1_000, "the lock is not held for long");
});

Deno.test("contract 9: a spent login that always comes back ends the update", async () => {
  const { store, seen } = made(textOf(used));
  seen.onSleep = () => void (seen.text = textOf(used));
  await assertRejects(() => store.update(used, fresh), KimiError, "again and again");
  assert(waited(seen.sleeps) < 1_000);
});

Deno.test("contract 11: what opencode writes while the new text goes to the disk is kept", async () => {
  let text = textOf(used);
  let turns = 0;
  const replace: SharedFile["replace"] = (fresh, over) => {
    if (++turns < 3) text = replaceEntry(text, `login${turns}`, { type: "api", key: "new" });
    if (over?.text !== text) return Promise.resolve(false);
    text = fresh;
    return Promise.resolve(true);
  };
  const { store } = made(undefined, { replace, read: () => Promise.resolve(text) });
  assertEquals(await store.update(used, fresh), "stored");
  assertEquals(Object.keys(JSON.parse(text)), ["other", ID, "login1", "login2"]);
  assertEquals(JSON.parse(text)[ID].refresh, fresh.refresh);
});

Deno.test("contract 11: a newer login wins over an update, before it and a moment later", async () => {
  const newer = textOf(login(900, "newer"));
  const before = made(newer);
  assertEquals(await before.store.update(used, fresh), "superseded");
  assertEquals([before.seen.text, before.seen.steps], [newer, []]);
  const after = made(textOf(used));
  after.seen.onSleep = () => void (after.seen.text = newer);
  assertEquals(await after.store.update(used, fresh), "superseded");
  assertEquals(after.seen.text, newer);
});

Deno.test("contract 11: an entry that stays absent for a second is a logout, and an update leaves it absent", async () => {
  for (const after of [0, 1]) {
    const { store, seen } = made(after === 0 ? OTHERS : textOf(used));
    seen.onSleep = (wait) => void (wait === after && (seen.text = OTHERS));
    assertEquals(await store.update(used, fresh), "superseded");
    assertEquals([seen.text, waited(seen.sleeps)], [OTHERS, 1_000 + 30 * after]);
  }
});

Deno.test("an entry that is absent for less than a second is waited for", async () => {
  const { store, seen } = made(textOf(used));
  seen.onSleep = (wait) => {
    if (wait === 1) seen.text = OTHERS;
    if (wait === 10) seen.text = textOf(used);
  };
  assertEquals(await store.update(used, fresh), "stored");
  assertEquals(seen.text, textOf(fresh));
});

Deno.test("a login that is gone is waited for a second once, since opencode writes its file in place", async () => {
  const { store, seen } = made(OTHERS);
  assertEquals([await store.read(), seen.sleeps], [undefined, []], "there was none");
  seen.text = textOf(used);
  assertEquals((await store.read())?.access, used.access);
  seen.text = OTHERS;
  seen.onSleep = () => void (waited(seen.sleeps) === 500 && (seen.text = textOf(used)));
  assertEquals((await store.read())?.access, used.access);
  assertEquals(waited(seen.sleeps), 500);
  seen.text = OTHERS;
  for (let turn = 0; turn < 2; turn++) {
    assertEquals([await store.read(), waited(seen.sleeps)], [undefined, 1_500]);
  }
});

Deno.test("a file that opencode is just writing is read once it is whole", async () => {
  for (const half of ["", '{"other":{"ty']) {
    const { store, seen } = made(half);
    seen.onSleep = (wait) => void (wait === 3 && (seen.text = textOf(used)));
    assertEquals((await store.read())?.access, used.access);
    assertEquals(seen.sleeps, [10, 10, 10]);
  }
});

Deno.test("a file that stays broken is an error that names it, and advises no login", async () => {
  const { store, seen } = made('{"other":{"ty');
  const error = await assertRejects(() => store.read(), KimiError, "/data/opencode/auth.json");
  assertEquals([error.code, /auth login/.test(error.message)], ["not_stored", false]);
  await assertRejects(() => store.update(used, fresh), KimiError, "holds no JSON object");
  assertEquals([seen.text, seen.steps], ['{"other":{"ty', []]);
});

Deno.test("a login is parsed once while the file stays the same", async () => {
  const { store, seen } = made(textOf(used));
  const first = await store.read();
  assert(first !== undefined && first === await store.read());
  seen.text = `${textOf(used)} `;
  assertEquals((await store.read())?.access, first.access);
});

Deno.test("a file is read again only if its version has changed, or is not known", async () => {
  let version: string | undefined;
  const { store, seen } = made(textOf(used), { version: () => version });
  assertEquals([(await store.read())?.access, store.peek()], [used.access, undefined]);
  assertEquals([(await store.read())?.access, seen.reads], [used.access, 2], "not known");
  for (const [next, login] of [["1", used], ["2", fresh]] as const) {
    [version, seen.text, seen.reads] = [next, textOf(login), 0];
    assertEquals(store.peek(), undefined, "it has changed");
    for (let turn = 0; turn < 3; turn++) assertEquals((await store.read())?.access, login.access);
    assertEquals([store.peek()?.access, seen.reads], [login.access, 1]);
  }
  [version, seen.text] = [undefined, textOf(used)];
  assertEquals([store.peek(), (await store.read())?.access], [undefined, used.access]);
  [version, seen.text] = ["3", OTHERS];
  assertEquals([await store.read(), store.peek()], [undefined, undefined], "a logout");
});

Deno.test("contract 9: a lease makes sure once that the file can be written, and ends after the work", async () => {
  const { store, seen } = made(textOf(used));
  const work: Work = async ({ renew }) => {
    const isHeld = [await renew(), await renew()];
    await store.update(used, fresh);
    return isHeld;
  };
  assertEquals(await store.withLease?.(work, () => Promise.resolve(false)), [true, true]);
  assertEquals(seen.steps, ["writable", "renewed", "renewed", "replaced", "released"]);
  const failing = store.withLease?.(
    () => Promise.reject(new Error("broke")),
    () => Promise.resolve(false),
  );
  await assertRejects(async () => await failing, Error, "broke");
  assertEquals(seen.steps.slice(5), ["released"]);
});

Deno.test("contract 9: a login that could not be stored is not refreshed: the error names the path and the fix", async () => {
  const full = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
  const fail = () => Promise.reject(full);
  for (const changes of [{ assertWritable: fail }, { lock: fail }]) {
    const { store, seen } = made(textOf(used), changes);
    const work: Work = ({ renew }) => renew().then(() => seen.steps.push("worked"));
    const lease = store.withLease?.(work, () => Promise.resolve(false));
    const error = await assertRejects(async () => await lease, KimiError);
    assertEquals([error.code, seen.steps.includes("worked")], ["not_stored", false]);
    assertEquals(
      error.message,
      "The login is not refreshed, since it could not be kept in /data/opencode/auth.json (ENOSPC): " +
        "the disk is full: make room",
    );
  }
});

Deno.test("an error of the question whether a wait is moot passes as it is", async () => {
  const gone = new KimiError("not_logged_in", "gone");
  const lock: SharedFile["lock"] = async (isMoot) => {
    await isMoot?.();
    return undefined;
  };
  const { store } = made(textOf(used), { lock });
  const lease = store.withLease?.(() => Promise.resolve(1), () => Promise.reject(gone));
  assertEquals(await assertRejects(async () => await lease, KimiError), gone);
});

Deno.test("an update stores a new access token beside a refresh token that stays", async () => {
  const { store, seen } = made(textOf(used));
  const next = { ...fresh, access: fresh.access, refresh: used.refresh };
  assertEquals(await store.update(used, next), "stored");
  assertEquals((await store.read())?.access, fresh.access);
  assertEquals(seen.text, textOf(next));
});

Deno.test("update() waits on if the file is half written during the wait for its entry", async () => {
  const { store, seen } = made(textOf(used));
  seen.onSleep = (wait) => {
    if (wait === 1) seen.text = OTHERS;
    if (wait === 40) seen.text = '{"other":{"ty';
    if (wait === 45) seen.text = textOf(used);
  };
  assertEquals(await store.update(used, fresh), "stored");
  assertEquals(seen.text, textOf(fresh));
});
