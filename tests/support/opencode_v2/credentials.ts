/** The table of credentials: one for all locations and, in a file, for all processes. */

import { DatabaseSync } from "node:sqlite";
import { isObject, type Json, refuse, type Row } from "./types.ts";

/** Rows of logins. Only the host writes them: a plugin has no call for it (adapter 07bc181c). */
export interface CredentialTable {
  readonly list: (integrationID?: string) => readonly Row[];
  readonly get: (id: string) => Row | undefined;
  readonly active: (integrationID: string) => Row | undefined;
  /** Each login adds a row and makes it active (integration.ts 0cf6dc2d). */
  readonly add: (integrationID: string, label: string, value: Json) => Row;
  /** Stores what a refresh gave, if the row is still there. */
  readonly update: (id: string, value: Json) => void;
  readonly activate: (id: string) => void;
  readonly remove: (id: string) => void;
  readonly close: () => void;
}

const COLUMNS = "id, integration_id, label, active, value";

/** Opens the table: opencode keeps it in SQLite, without a lock around a refresh (0cf6dc2d). */
export function openCredentials(path = ":memory:"): CredentialTable {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA busy_timeout = 10000");
  db.exec(
    "CREATE TABLE IF NOT EXISTS credential (id TEXT PRIMARY KEY, integration_id TEXT NOT NULL, " +
      "label TEXT NOT NULL, active INTEGER NOT NULL, value TEXT NOT NULL)",
  );
  const list = (where: string, ...given: string[]) =>
    db.prepare(`SELECT ${COLUMNS} FROM credential ${where} ORDER BY rowid`).all(...given).map(row);
  const activate = (id: string, integrationID: string) => {
    db.prepare("UPDATE credential SET active = (id = ?) WHERE integration_id = ?")
      .run(id, integrationID);
  };
  return {
    list: (id) => id === undefined ? list("") : list("WHERE integration_id = ?", id),
    get: (id) => list("WHERE id = ?", id)[0],
    active: (id) => list("WHERE integration_id = ? AND active = 1", id)[0],
    add(integrationID, label, value) {
      const id = `cred_${crypto.randomUUID().replaceAll("-", "")}`;
      db.prepare(`INSERT INTO credential (${COLUMNS}) VALUES (?, ?, ?, 0, ?)`)
        .run(id, integrationID, label, JSON.stringify(value));
      activate(id, integrationID);
      return { id, integrationID, label, active: true, value };
    },
    update: (id, value) =>
      void db.prepare("UPDATE credential SET value = ? WHERE id = ?")
        .run(JSON.stringify(value), id),
    activate(id) {
      const [found] = list("WHERE id = ?", id);
      if (found !== undefined) activate(id, found.integrationID);
    },
    remove: (id) => void db.prepare("DELETE FROM credential WHERE id = ?").run(id),
    close: () => db.close(),
  };
}

function row(found: Record<string, unknown>): Row {
  const { id, integration_id, label, active, value } = found;
  return {
    id: String(id),
    integrationID: String(integration_id),
    label: String(label),
    active: active === 1,
    value: JSON.parse(String(value)),
  };
}

/** Holds a value to the schema of credentials (schema/credential.ts 665f6439). */
export function checkCredential(value: unknown, methods: readonly string[]): Json {
  if (!isObject(value)) throw new TypeError("a credential is an object");
  const { type, methodID, refresh, access, expires, metadata } = value;
  refuse(type !== "oauth", `a credential's type is "oauth", not ${String(type)}`);
  refuse(typeof refresh !== "string" || typeof access !== "string", "a token is not a string");
  refuse(!Number.isInteger(expires) || Number(expires) < 0, "expires is a whole number from 0");
  refuse(metadata !== undefined && !isObject(metadata), "metadata is an object");
  refuse(!methods.includes(String(methodID)), `method ${String(methodID)} is not registered`);
  // What is stored crosses JSON: an undefined member vanishes.
  return JSON.parse(JSON.stringify(value));
}
