/** The logins in opencode 2.x's database, which are read by each runtime and change nothing. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import { readCredentialRows } from "../../../../lib/cli/doctor/collect/credential_rows.ts";
import { startFakeKimi } from "../../../support/fake/kimi.ts";
import type { Home } from "../../process.ts";
import { doctorJson, type DoctorOptions, healthyHome } from "../process.ts";

const TABLE =
  "CREATE TABLE credential (id text PRIMARY KEY, integration_id text, label text NOT NULL, " +
  "value text NOT NULL, connector_id text, method_id text, active integer)";

const ID = "kimi-for-coding-oauth";

/** Makes a database as opencode does; the caller closes it. */
function makeDatabase(path: string, rows: readonly (readonly (string | number | null)[])[]) {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec(TABLE);
  const insert = database.prepare("INSERT INTO credential VALUES (?, ?, ?, ?, NULL, ?, ?)");
  for (const row of rows) insert.run(...row);
  return database;
}

const VALUE = JSON.stringify({
  type: "oauth",
  methodID: "oauth",
  access: "a",
  refresh: "r",
  expires: 5,
});

const ROWS = [
  ["1", ID, "Mine", VALUE, null, 1],
  ["2", ID, "Old", "no JSON", "oauth-ai", 0],
  ["3", "openai", "Other", VALUE, null, 1],
] as const;

async function makeFolder() {
  const path = await Deno.makeTempDir({ prefix: "kimi-rows-" });
  const list = async () =>
    (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).toSorted();
  return { path, list, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("readCredentialRows() reads the rows of the provider while opencode writes", async () => {
  await using folder = await makeFolder();
  const path = join(folder.path, "opencode.db");
  using _database = makeDatabase(path, ROWS);
  const before = await folder.list();
  assertEquals(await readCredentialRows(path), {
    state: "read",
    rows: [
      { label: "Mine", method: "oauth", isActive: true, expires: 5, access: "a", refresh: "r" },
      {
        ...{ label: "Old", method: "oauth-ai", isActive: false, expires: undefined },
        ...{ access: undefined, refresh: undefined },
      },
    ],
  });
  assertEquals(await folder.list(), before);
});

Deno.test("a missing database, and one of opencode 1.x, hold no rows", async () => {
  await using folder = await makeFolder();
  const path = join(folder.path, "opencode.db");
  assertEquals(await readCredentialRows(path), { state: "read", rows: [] });
  using database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE session (id text)");
  assertEquals(await readCredentialRows(path), { state: "read", rows: [] });
});

Deno.test("a database that cannot be read gives the reason", async () => {
  await using folder = await makeFolder();
  const path = join(folder.path, "opencode.db");
  await Deno.writeTextFile(path, "not a database, but long enough to look like one".repeat(100));
  await Deno.writeTextFile(`${path}-wal`, "");
  const corrupt = await readCredentialRows(path);
  assertMatch(corrupt.state === "not read" ? corrupt.why : "", /not a database/);
  await Deno.remove(`${path}-wal`);
  const closed = await readCredentialRows(path);
  assertMatch(closed.state === "not read" ? closed.why : "", /^Deno cannot read it while opencode/);
});

for (const runtime of ["Deno", "Bun", "Node"] as const) {
  Deno.test(`doctor under ${runtime} leaves the folder of the database as it was`, async () => {
    await using fake = await startFakeKimi();
    await using home = await healthyHome(fake);
    const options: DoctorOptions = { home, kimi: fake, runtime };
    const database = makeDatabase(join(home.data, "opencode.db"), ROWS);
    const logins = async () => {
      const before = await list(home);
      const { report } = await doctorJson([], options);
      assertEquals(await list(home), before);
      return report.opencode.logins?.map(({ method }) => method) ?? null;
    };
    // Node 20 has no SQLite.
    const isRead = runtime !== "Node" || await hasSqlite();
    assertEquals(await logins(), isRead ? ["oauth", "oauth-ai"] : null);
    database.close();
    assertEquals(await logins(), isRead && runtime !== "Deno" ? ["oauth", "oauth-ai"] : null);
  });
}

/** The files of the data folder; Bun keeps its own cache in the home. */
async function list(home: Home): Promise<readonly string[]> {
  return (await home.list()).filter((path) => path.startsWith(".local/"));
}

async function hasSqlite(): Promise<boolean> {
  const command = new Deno.Command("node", { args: ["-e", "require('node:sqlite')"] });
  return (await command.output()).success;
}
