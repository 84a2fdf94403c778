/** Reads the logins in opencode 2.x's database, and changes nothing. Source: opencode `credential/sql.ts`. */

import { pathToFileURL } from "node:url";
import process from "node:process";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { finite, type JsonObject, objectOf, parseObject, text } from "../../../kimi/util/json.ts";
import { messageOf } from "../../../kimi/errors/kimi_error.ts";
import { codeOf } from "../../../runtime/fs/errors.ts";
import { denialOf } from "../../shared/deno_permissions.ts";

/** A login for the provider; its tokens are only compared. */
export type CredentialRow = ReturnType<typeof rowOf>;

/** The logins; empty without a database, and a reason if it was not read. */
export type CredentialRows =
  | { readonly state: "read"; readonly rows: readonly CredentialRow[] }
  | { readonly state: "not read"; readonly why: string };

interface Database {
  readonly prepare: (sql: string) => { readonly all: (id: string) => unknown[] };
  readonly close: () => void;
}

const NONE: CredentialRows = { state: "read", rows: [] };

/** Reads the rows of the provider; a denied permission is thrown. */
export async function readCredentialRows(path: string): Promise<CredentialRows> {
  const { stat } = await import("node:fs/promises");
  const isThere = (file: string) =>
    stat(file).then(() => true, (error) => {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    });
  try {
    if (!await isThere(path)) return NONE;
    const database = await open(path, await isThere(`${path}-wal`));
    try {
      const select = database.prepare("SELECT * FROM credential WHERE integration_id = ?");
      return { state: "read", rows: select.all(PROVIDER_ID).map(objectOf).map(rowOf) };
    } finally {
      database.close();
    }
  } catch (error) {
    if (denialOf(error) !== undefined) throw error;
    const why = messageOf(error);
    // opencode 1.x has a database too.
    return /no such table/.test(why) ? NONE : { state: "not read", why };
  }
}

function rowOf({ label, value, method_id: method, active }: JsonObject) {
  const login = parseObject(text(value) ?? "") ?? {};
  return {
    label: text(label) ?? "",
    /** The login method that refreshes it. */
    method: text(login.methodID) ?? text(method),
    isActive: Number(active) === 1,
    /** Milliseconds since 1970. */
    expires: finite(login.expires),
    access: text(login.access),
    refresh: text(login.refresh),
  };
}

/** The constants of SQLite for a file that is read, and named by a URL. Source: https://sqlite.org/c3ref/open.html */
const READONLY = 0x1;
const URI = 0x40;

/** TypeScript does not know Bun's modules here. */
const BUN_SQLITE: string = "bun:sqlite";

/** While nobody has the database open, SQLite would create files beside it if it were not immutable. */
async function open(path: string, isInUse: boolean): Promise<Database> {
  const { bun, deno } = process.versions;
  const name = isInUse ? path : `${pathToFileURL(path)}?immutable=1`;
  if (bun !== undefined) {
    const { Database }: { readonly Database: new (path: string, flags: number) => Database } =
      await import(BUN_SQLITE);
    return new Database(name, READONLY | URI);
  }
  if (deno !== undefined && !isInUse) {
    const why = "Deno cannot read it while opencode is not running";
    throw new Error(`${why}: run doctor with npx or bunx`);
  }
  // Node 22 warns that the module is experimental.
  const warn = process.listeners("warning");
  if (deno === undefined) process.removeAllListeners("warning");
  try {
    const { DatabaseSync } = await import("node:sqlite");
    return new DatabaseSync(name, { readOnly: true });
  } catch (error) {
    if (codeOf(error) !== "ERR_UNKNOWN_BUILTIN_MODULE") throw error;
    throw new Error("this Node has no SQLite: run doctor with Node 22.13 or newer, bunx or deno");
  } finally {
    setTimeout(() => warn.forEach((listener) => process.on("warning", listener)));
  }
}
