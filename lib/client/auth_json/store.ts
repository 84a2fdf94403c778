/**
 * opencode's auth.json as a store of the login. opencode overwrites the file in place and without a lock:
 * what is read may be half of it, and what was written is read back.
 */

import { type ClientName, PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import { type Hosts, resolveHosts } from "../../kimi/identity/hosts.ts";
import { NOT_LOGGED_IN } from "../../kimi/identity/login_messages.ts";
import { isObject, parseObject, printable } from "../../kimi/util/json.ts";
import type { Environment, SharedFile } from "../environment.ts";
import { type Credential, toAuthEntry } from "../tokens/credential.ts";
import type { LoginStore } from "../tokens/login_store.ts";
import {
  createTokenManager,
  type RefreshMemory,
  type TokenEnvironment,
  type TokenManager,
} from "../tokens/token_manager.ts";
import { newerLogin, readLogin, replaceEntry } from "./edit.ts";

/** opencode writes the file within a few milliseconds. */
const WHOLE_STEPS = 20;
const WHOLE_STEP_MS = 10;

/** An entry that stays absent for this long is a logout. */
const ABSENCE_MS = 1_000;
const ABSENCE_STEP_MS = 50;

/** An opencode that had read the file before a write puts the old text back within this. */
const SETTLE_MS = 30;

/** How often a login is written, if each time an old text comes back. */
const WRITES = 20;

/** What to do, by the code of the system's error. */
const FIXES: Readonly<Record<string, string>> = {
  EACCES: "give your user the right to read and write the file and its folder",
  EPERM: "give your user the right to read and write the file and its folder",
  EISDIR: "a folder is in its place: move it away",
  ENOTDIR: "a file is in the place of its folder: move it away",
  ENOENT: "its folder is not there: make it",
  ENOSPC: "the disk is full: make room",
  EDQUOT: "your quota of the disk is used up: make room",
  EROFS: "the disk is read-only: mount it for writing, or name another file by --auth-file",
  ELOOP: "the link leads to itself: remove it",
};

/** The error of an auth.json that cannot be used, with the fix; nothing was overwritten. */
export function fileProblem(
  { path }: Pick<SharedFile, "path">,
  access: "read" | "written",
  cause: unknown,
): KimiError {
  const code = isObject(cause) && typeof cause.code === "string" ? cause.code : "";
  const fix = FIXES[code];
  const why = fix === undefined ? `: ${messageOf(cause)}` : ` (${code}): ${fix}`;
  return new KimiError("not_stored", `${path} cannot be ${access}${why}`, { cause });
}

function notRefreshed({ path }: SharedFile, cause: unknown): KimiError {
  const reason = cause instanceof Error ? printable(cause.message) : "unknown reason";
  const message =
    `The login is not refreshed, since it could not be kept: ${path} cannot be written ` +
    `(${reason}). Make the file and its folder writable`;
  return new KimiError("not_stored", message, { cause });
}

/** Makes a function for `catch` that throws a `KimiError`. */
function failWith(explain: (cause: unknown) => KimiError): (cause: unknown) => never {
  return (cause) => {
    throw cause instanceof KimiError ? cause : explain(cause);
  };
}

/** Reads auth.json; undefined if it is empty or not there. What is not a JSON object is not ours to overwrite. */
export async function readAuthFile(file: SharedFile): Promise<string | undefined> {
  const text = await file.read().catch(failWith((cause) => fileProblem(file, "read", cause)));
  if (text === undefined || text.trim() === "") return undefined;
  if (parseObject(text) !== undefined) return text;
  const message =
    `${file.path} holds no JSON object, and was left as it is: repair it, or move it away`;
  throw new KimiError("not_stored", message);
}

/** Makes sure that a login could be stored, before the user is asked to confirm one. */
export async function assertStorable(file: SharedFile): Promise<void> {
  await readAuthFile(file);
  await file.assertWritable().catch(failWith((cause) => fileProblem(file, "written", cause)));
}

/** The store of auth.json. */
export interface AuthJsonStore extends Required<LoginStore> {
  /** As that of every store; without `from`, only while there is no login. */
  readonly update: (
    from: Credential | undefined,
    to: Credential,
  ) => Promise<"stored" | "superseded">;
}

/** Changes what surrounds a login that is written; `text` is that of the whole file. */
export type Surround = (text: string | undefined, login: Credential) => string | undefined;

interface Found {
  readonly text: string | undefined;
  readonly login: Credential | undefined;
}

/**
 * Makes the store. A login in `content`, that of OPENCODE_AUTH_CONTENT, is read-only: the newer one of the
 * two counts, and what comes of a refresh goes into the file.
 */
export function createAuthJsonStore(
  { sleep }: Pick<Environment, "sleep">,
  file: SharedFile,
  content?: string,
  surround: Surround = (text) => text,
): AuthJsonStore {
  const lent = readLogin(content);
  let last: Found | undefined;

  /** Waits while opencode is writing, which empties the file first. */
  async function readWhole(): Promise<string | undefined> {
    for (let step = 0; step < WHOLE_STEPS; step++) {
      const text = await file.read().catch(() => "");
      if (text === undefined || text === last?.text || parseObject(text) !== undefined) return text;
      await sleep(WHOLE_STEP_MS);
    }
    return await readAuthFile(file);
  }

  async function readNow(): Promise<Found> {
    const text = await readWhole();
    if (last === undefined || text !== last.text) last = { text, login: readLogin(text) };
    return last;
  }

  /** Another opencode may write the file without an entry that it could not read. */
  async function readSettled(hadLogin: boolean): Promise<Found> {
    let found = await readNow();
    for (let waited = 0; hadLogin && found.login === undefined && waited < ABSENCE_MS;) {
      await sleep(ABSENCE_STEP_MS);
      waited += ABSENCE_STEP_MS;
      found = await readNow();
    }
    return found;
  }

  /** Writes a login until it stays, as long as what is there may be replaced. */
  async function write(
    login: Credential,
    isReplaceable: (kept: Credential | undefined, isFirst: boolean) => boolean,
    isNew: boolean,
  ): Promise<"stored" | "superseded"> {
    for (let writes = 0; writes < WRITES; writes++) {
      const { text, login: kept } = await readSettled(!isNew && (lent === undefined || writes > 0));
      if (kept?.refresh === login.refresh) return "stored";
      if (!isReplaceable(kept, writes === 0)) return "superseded";
      const entry = toAuthEntry(login);
      const whole = replaceEntry(surround(text, login), PROVIDER_ID, entry);
      if (await file.replace(whole, { text }) === false) continue;
      await sleep(SETTLE_MS);
    }
    throw new KimiError("not_stored", `${file.path} is overwritten again and again`);
  }

  return {
    async read() {
      const found = readSettled(last?.login !== undefined);
      if (lent === undefined) return (await found).login;
      return newerLogin(lent, await found.then(({ login }) => login, () => undefined));
    },
    async update(from, to) {
      const isSpent = (kept: Credential | undefined, isFirst: boolean) =>
        kept === undefined
          ? isFirst && from?.refresh === lent?.refresh
          : kept.refresh === from?.refresh || kept.refresh === lent?.refresh;
      return await write(to, isSpent, false);
    },
    async save(login, signal) {
      const isMoot = () => Promise.resolve(signal?.aborted === true);
      const failed = failWith((cause) => fileProblem(file, "written", cause));
      const lock = await file.lock(isMoot).catch(failed);
      try {
        if (lock === undefined || signal?.aborted) {
          throw new KimiError("aborted", "Login: cancelled");
        }
        const before = (await readNow()).login?.refresh;
        await write(login, (kept) => kept === undefined || kept.refresh === before, true)
          .catch(failed);
      } finally {
        await lock?.release();
      }
    },
    async withLease(work, isMoot) {
      const failed = failWith((cause) => notRefreshed(file, cause));
      const lock = await file.lock(isMoot).catch(failed);
      if (lock === undefined) return undefined;
      let isWritable = false;
      const renew = async () => {
        if (!isWritable) await file.assertWritable().catch(failed);
        isWritable = true;
        return await lock.renew();
      };
      try {
        return await work({ renew });
      } finally {
        await lock.release();
      }
    },
  };
}

/**
 * Makes a token manager over auth.json for a program that is not opencode's server. It cannot store what
 * comes of a login in OPENCODE_AUTH_CONTENT, so it never refreshes that one.
 */
export async function createAuthJsonTokens(
  environment: TokenEnvironment & Pick<Environment, "variables" | "authFile">,
  { client, baseUrl, memory }: {
    readonly client: ClientName;
    /** `options.baseURL` of the provider, if it is known. */
    readonly baseUrl?: string | undefined;
    readonly memory?: RefreshMemory;
  },
): Promise<{ tokens: TokenManager; hosts: (credential: Credential) => Hosts }> {
  const { variables } = environment;
  const file = await environment.authFile();
  const lent = readLogin(variables.OPENCODE_AUTH_CONTENT);
  if (file === undefined && lent === undefined) throw new KimiError("not_logged_in", NOT_LOGGED_IN);
  const message =
    "The login in OPENCODE_AUTH_CONTENT has ended, and is refreshed by opencode alone: " +
    "ask a question there, or unset the variable";
  const ended = new KimiError("not_stored", message);
  const store = file === undefined
    ? readOnlyStore(lent)
    : createAuthJsonStore(environment, file, variables.OPENCODE_AUTH_CONTENT);
  const hosts = (credential: Credential) => resolveHosts(variables, baseUrl, credential.hosts);
  const refusal = ({ access }: Credential) => access === lent?.access ? ended : undefined;
  const options = { client, hosts, refusal, ...(memory === undefined ? {} : { memory }) };
  return { tokens: createTokenManager(environment, store, options), hosts };
}

function readOnlyStore(login: Credential | undefined): LoginStore {
  const refuse = () =>
    Promise.reject(new KimiError("not_stored", "There is no auth.json to write to"));
  return { read: () => Promise.resolve(login), update: refuse, save: refuse };
}
