import { assert, assertEquals, assertRejects } from "@std/assert";
import type { SharedFile } from "../../../lib/client/environment.ts";
import { assertStorable, createAuthJsonStore } from "../../../lib/client/auth_json/store.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { login } from "../fixtures.ts";

const ID = "kimi-for-coding-oauth";
const OTHERS = '{"other":{"type":"api","key":"k"}}';

/** auth.json in memory, and what was done with it. */
interface FakeFile extends SharedFile {
  text: string | undefined;
  readonly done: string[];
}

function fakeFile(text: string | undefined, changes: Partial<SharedFile> = {}): FakeFile {
  const file: FakeFile = {
    path: "/data/opencode/auth.json",
    text,
    done: [],
    read: () => Promise.resolve(file.text),
    replace(text) {
      file.done.push("write");
      file.text = text;
      return Promise.resolve();
    },
    assertWritable: () => Promise.resolve(),
    lock() {
      file.done.push("lock");
      const release = () => Promise.resolve(void file.done.push("release"));
      return Promise.resolve({ renew: () => Promise.resolve(true), release });
    },
    ...changes,
  };
  return file;
}

/** Stores a login; `meanwhile` is done at each wait. */
async function store(
  file: FakeFile,
  meanwhile: (wait: number) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  let waits = 0;
  const sleep = () => Promise.resolve(meanwhile(++waits));
  await createAuthJsonStore({ sleep }, file).save(login(900, "new"), signal);
}

function kept({ text = "{}" }: FakeFile): string | undefined {
  return JSON.parse(text)[ID]?.refresh;
}

async function failure(run: () => Promise<void>): Promise<string> {
  const error = await assertRejects(run, KimiError);
  return `${error.code}: ${error.message}`;
}

Deno.test("a login is stored under the lock, beside all that is there", async () => {
  const file = fakeFile(OTHERS);
  await store(file);
  assertEquals(file.done, ["lock", "write", "release"]);
  assert(file.text?.startsWith(OTHERS.slice(0, -1)));
  assertEquals(kept(file), "SECRET-rnew");
});

Deno.test("a login that an opencode overwrites, which had read the file before, is written again", async () => {
  const old = `{"${ID}":{"type":"oauth","access":"a","refresh":"old","expires":1}}`;
  for (const before of [OTHERS, old]) {
    const file = fakeFile(before);
    await store(file, (wait) => {
      if (wait === 1) file.text = before;
    });
    assertEquals([kept(file), file.done.filter((step) => step === "write").length], [
      "SECRET-rnew",
      2,
    ]);
  }
});

Deno.test("a newer login than ours stays", async () => {
  const newer = `{"${ID}":{"type":"oauth","access":"a","refresh":"newer","expires":1}}`;
  const file = fakeFile(OTHERS);
  await store(file, (wait) => {
    if (wait === 1) file.text = newer;
  });
  assertEquals(file.text, newer);
});

Deno.test("a file that opencode is just writing is waited for", async () => {
  for (const half of ["", '{"other":{"ty']) {
    const file = fakeFile(half);
    await store(file, (wait) => {
      if (wait === 3) file.text = OTHERS;
    });
    assert(file.text?.startsWith(OTHERS.slice(0, -1)), file.text);
    assertEquals(kept(file), "SECRET-rnew");
  }
});

Deno.test("a file that stays broken is left as it is, and the lock given up", async () => {
  const file = fakeFile('{"other":{"ty');
  assertEquals(
    await failure(() => store(file)),
    "not_stored: /data/opencode/auth.json holds no JSON object, and was left as it is: repair it, " +
      "or move it away",
  );
  assertEquals([file.text, file.done], ['{"other":{"ty', ["lock", "release"]]);
});

Deno.test("an abort while the lock is waited for stores nothing", async () => {
  const aborter = new AbortController();
  const moot = fakeFile(OTHERS, {
    async lock(isMoot) {
      assertEquals(await isMoot?.(), false);
      aborter.abort();
      assertEquals(await isMoot?.(), true);
      return undefined;
    },
  });
  assertEquals(
    await failure(() => store(moot, () => {}, aborter.signal)),
    "aborted: Login: cancelled",
  );
  const late = fakeFile(OTHERS);
  await assertRejects(() => store(late, () => {}, AbortSignal.abort()), KimiError, "cancelled");
  assertEquals([moot.text, late.text, late.done], [OTHERS, OTHERS, ["lock", "release"]]);
});

for (
  const [code, cure] of [
    ["ENOSPC", "the disk is full: make room"],
    ["EROFS", "the disk is read-only: mount it for writing, or name another file by --auth-file"],
    ["EACCES", "give your user the right to read and write the file and its folder"],
  ] as const
) {
  Deno.test(`${code} is named with its cure, before a login and when it is stored`, async () => {
    const fail = () => Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
    const said = `not_stored: /data/opencode/auth.json cannot be written (${code}): ${cure}`;
    const full = fakeFile(OTHERS, { assertWritable: fail, replace: fail });
    assertEquals(await failure(() => assertStorable(full)), said);
    assertEquals(await failure(() => store(full)), said);
    assertEquals([full.text, full.done], [OTHERS, ["lock", "release"]]);
    const locked = fakeFile(OTHERS, { lock: fail });
    assertEquals(await failure(() => store(locked)), said);
  });
}

Deno.test("an error of the system that is not known is shown as it is", async () => {
  const assertWritable = () => Promise.reject(new Error("EWEIRD: odd"));
  const said = "not_stored: /data/opencode/auth.json cannot be written: EWEIRD: odd";
  assertEquals(await failure(() => assertStorable(fakeFile(OTHERS, { assertWritable }))), said);
});
