import { assert, assertEquals, assertRejects } from "@std/assert";
import { withEntry } from "../../lib/auth/auth_file.ts";
import { authEntry, type Credential } from "../../lib/auth/credential.ts";
import type { SharedFile } from "../../lib/auth/environment.ts";
import type { CredentialStore } from "../../lib/auth/token_source.ts";
import { opencodeStore } from "../../lib/opencode/credential_store.ts";
import type { OpencodeClient } from "../../lib/opencode/types.ts";
import { KimiError } from "../../lib/protocol/error.ts";
import { sharedAuthFile } from "../../lib/runtime/shared_file.ts";
import { jwtLogin, login } from "../auth/fixtures.ts";
import { type FakeEnvironment, fakeEnvironment } from "../fake/environment.ts";
import { ID } from "./fixtures.ts";

const OTHER = { type: "api", key: "kept" };

/** A store over a real auth.json, and opencode's own part, which writes the whole of it in place. */
interface Opencode {
  readonly environment: FakeEnvironment;
  readonly store: CredentialStore;
  readonly file: SharedFile;
  /** Puts a login, or none, into the file as another opencode does that had read it long ago. */
  readonly overwrite: (credential: Credential | undefined) => void;
  /** The refresh token that is stored now. */
  readonly kept: () => string | undefined;
  /** What happens after opencode has written. */
  afterSet: () => unknown;
}

interface Changes {
  readonly variable?: Credential;
  readonly set?: OpencodeClient["auth"]["set"];
}

async function inFolder(
  { variable, set }: Changes,
  run: (opencode: Opencode) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "kimi-store-" });
  try {
    const file = await sharedAuthFile(folder);
    assert(file !== undefined);
    const content = JSON.stringify(variable && { [ID]: authEntry(variable) });
    const variables = variable === undefined ? {} : { OPENCODE_AUTH_CONTENT: content };
    const environment = fakeEnvironment({ variables });
    const parts = { ...environment, authFile: () => Promise.resolve(file) };
    const entries = () => JSON.parse(Deno.readTextFileSync(file.path));
    const write = (all: unknown) => Deno.writeTextFileSync(file.path, JSON.stringify(all, null, 2));
    const client: OpencodeClient = {
      auth: {
        set: set ?? (({ path, body }) => {
          // With the variable opencode writes its entries in the place of the file's.
          write({ ...(content === undefined ? entries() : JSON.parse(content)), [path.id]: body });
          return Promise.resolve(opencode.afterSet());
        }),
      },
    };
    const getAuth = () => Promise.resolve(variable ? authEntry(variable) : entries()[ID]);
    const opencode: Opencode = {
      environment,
      store: opencodeStore(parts, client, getAuth),
      file,
      overwrite: (credential) =>
        write({ other: OTHER, ...(credential && { [ID]: authEntry(credential) }) }),
      kept: () => entries()[ID]?.refresh,
      afterSet: () => undefined,
    };
    opencode.overwrite(login());
    await run(opencode);
    assertEquals(entries().other, OTHER, "the other entry is kept");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names, ["auth.json"], "nothing else remains");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

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

Deno.test("contract 11: with OPENCODE_AUTH_CONTENT, what is refreshed stands beside all that the file holds", async () => {
  const lent = jwtLogin(900, 300);
  for (const before of [undefined, lent]) {
    await inFolder({ variable: lent }, async ({ store, overwrite, kept, file }) => {
      overwrite(before);
      const text = await file.read();
      await store.write(fresh, lent);
      assertEquals(kept(), fresh.refresh);
      assertEquals(await file.read(), withEntry(text, ID, authEntry(fresh)));
      // As an opencode leaves it that stores another provider's login meanwhile.
      overwrite(lent);
      await store.write(login(900, "2"), fresh);
      assertEquals(kept(), "SECRET-r2");
      await store.write(login(900, "3"), login(900, "2"));
      assertEquals(kept(), "SECRET-r3");
    });
  }
});

Deno.test("contract 11: with OPENCODE_AUTH_CONTENT, the file's own login of another account stays", async () => {
  const lent = jwtLogin(900, 300);
  await inFolder({ variable: lent }, async ({ store, overwrite, file, environment }) => {
    overwrite(login(100, "another"));
    const text = await file.read();
    await store.write(fresh, lent);
    await store.settle();
    assertEquals([await file.read(), environment.sleeps], [text, []]);
  });
});

Deno.test("with OPENCODE_AUTH_CONTENT, a file that opencode is just writing is waited for", async () => {
  const lent = jwtLogin(900, 300);
  await inFolder({ variable: lent }, async ({ store, overwrite, kept, file, environment }) => {
    await Deno.truncate(file.path);
    environment.onSleep = () => overwrite(undefined);
    await store.write(fresh, lent);
    assertEquals(kept(), fresh.refresh);
  });
});

Deno.test("without OPENCODE_AUTH_CONTENT, opencode alone is asked", () =>
  inFolder({}, async ({ store, file, environment }) => {
    await Deno.remove(file.path);
    await file.replace(withEntry('{"other":{"type":"api","key":"kept"}}', ID, authEntry(fresh)));
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
      assertEquals(await file.read(), withEntry(before, ID, authEntry(fresh)));
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
