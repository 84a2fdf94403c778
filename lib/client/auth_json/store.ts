/**
 * opencode's auth.json as a store of the login. opencode overwrites the file in place and without a lock:
 * what is read may be half of it, and what was written is read back.
 */

import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { fileProblem, type FileStep } from "../../kimi/errors/file_problem.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { type Hosts, resolveHosts } from "../../kimi/identity/hosts.ts";
import { NOT_LOGGED_IN } from "../../kimi/identity/login_messages.ts";
import { parseObject } from "../../kimi/util/json.ts";
import type { Environment, SharedFile } from "../environment.ts";
import { type Credential, mintedAt, toAuthEntry } from "../tokens/credential.ts";
import { type Lease, type LoginStore, memoryStore } from "../tokens/login_store.ts";
import type { TokenEnvironment, TokenManagerOptions } from "../tokens/locked_refresh.ts";
import { createTokenManager, type TokenManager } from "../tokens/token_manager.ts";
import { readLogin, replaceEntry } from "./edit.ts";

/** opencode writes the file within a few milliseconds. */
const WHOLE_MS = 200;
/** An entry that stays absent for this long is a logout. */
const ABSENCE_MS = 1_000;
const STEP_MS = 10;
/** An opencode that had read the file before a write may put the old text back within this time. */
const SETTLE_MS = 30;
/** How often a login is written, if each time an old text comes back. */
const WRITES = 20;

const LENT_ENDED =
  "The login in OPENCODE_AUTH_CONTENT has ended, and is refreshed by opencode alone: " +
  "ask a question there, or unset the variable";

const failWith = ({ path }: SharedFile, step: FileStep) => (cause: unknown): never => {
  throw cause instanceof KimiError ? cause : fileProblem(path, step, cause);
};

/** Reads auth.json; undefined if it is empty or not there. What is not a JSON object is not ours to overwrite. */
export async function readAuthFile(file: SharedFile): Promise<string | undefined> {
  const text = await file.read().catch(failWith(file, "read"));
  if (text === undefined || text.trim() === "") return undefined;
  if (parseObject(text) !== undefined) return text;
  const problem = "holds no JSON object, and was left as it is: repair it, or move it away";
  throw new KimiError("not_stored", `${file.path} ${problem}`);
}

/** Makes sure that a login could be stored, before the user is asked to confirm one. */
export async function assertStorable(file: SharedFile): Promise<void> {
  await readAuthFile(file);
  await file.assertWritable().catch(failWith(file, "written"));
}

interface Found {
  readonly text: string | undefined;
  readonly login: Credential | undefined;
  /** The file's version before it was read. */
  readonly version: string | undefined;
}

/**
 * Makes the store. A login in `content`, that of OPENCODE_AUTH_CONTENT, is read-only: the newer one of the
 * two counts, and what comes of a refresh goes into the file.
 */
export function createAuthJsonStore(
  { sleep }: Pick<Environment, "sleep">,
  file: SharedFile,
  content?: string,
): Required<LoginStore> {
  const lent = readLogin(content);
  let last: Found | undefined;

  const newer = (kept: Credential | undefined) =>
    lent === undefined || (kept !== undefined && mintedAt(kept) > mintedAt(lent)) ? kept : lent;

  /** Returns undefined if the file is half written, which opencode empties before it writes; if `isLast`, fails instead. */
  async function readOnce(isLast: boolean): Promise<Found | undefined> {
    const version = file.version?.();
    if (version !== undefined && version === last?.version) return last;
    const text = isLast ? await readAuthFile(file) : await file.read().catch(() => "");
    if (last !== undefined && text === last.text) return last = { ...last, version };
    if (!isLast && text !== undefined && parseObject(text) === undefined) return undefined;
    return last = { text, login: readLogin(text), version };
  }

  /** Waits for a whole file; another opencode may also write it without an entry that it could not read. */
  async function readSettled(hadLogin: boolean): Promise<Found> {
    for (let [waited, whole] = [0, 0];; waited += STEP_MS) {
      const found = await readOnce(waited - whole >= WHOLE_MS);
      const isDone = found?.login !== undefined || !hadLogin || waited >= ABSENCE_MS;
      if (found !== undefined && isDone) return found;
      if (found !== undefined) whole = waited;
      await sleep(STEP_MS);
    }
  }

  /** Writes a login until it stays: over `from`, or without it over what is there now. */
  async function write(login: Credential, from?: Credential): Promise<"stored" | "superseded"> {
    let spent = from?.refresh;
    for (let writes = 0; writes < WRITES; writes++) {
      const isFirst = writes === 0;
      const isUpdate = from !== undefined;
      const { text, login: kept } = await readSettled(isUpdate && !(isFirst && lent !== undefined));
      if (kept?.refresh === login.refresh && kept.access === login.access) return "stored";
      if (isFirst) spent ??= kept?.refresh;
      const isReplaceable = kept === undefined
        ? !isUpdate || (isFirst && from.refresh === lent?.refresh)
        : [spent, lent?.refresh].includes(kept.refresh);
      if (!isReplaceable) return "superseded";
      const replaced = replaceEntry(text, PROVIDER_ID, toAuthEntry(login));
      if (await file.replace(replaced, { text }) !== false) await sleep(SETTLE_MS);
    }
    throw new KimiError("not_stored", `${file.path} is overwritten again and again`);
  }

  async function leased<T>(
    step: FileStep,
    work: (lease: Lease) => Promise<T>,
    isMoot: () => Promise<boolean>,
  ): Promise<T | undefined> {
    const failed = failWith(file, step);
    const lock = await file.lock(isMoot).catch(failed);
    let checked: Promise<void> | undefined;
    try {
      return lock && await work({
        async renew() {
          // A file that cannot be read may hold a newer login than OPENCODE_AUTH_CONTENT.
          const readable = async () => void (lent && await readSettled(false));
          await (checked ??= readable().then(() => file.assertWritable()).catch(failed));
          return await lock.renew().catch(failed);
        },
      });
    } finally {
      await lock?.release();
    }
  }

  return {
    peek() {
      const version = last?.login && last.version;
      return version !== undefined && version === file.version?.() ? newer(last?.login) : undefined;
    },
    async read() {
      const found = readSettled(last?.login !== undefined);
      return newer((await (lent === undefined ? found : found.catch(() => undefined)))?.login);
    },
    update: (from, to) => write(to, from),
    async save(login, signal) {
      const isCancelled = () => Promise.resolve(signal?.aborted === true);
      const failed = failWith(file, "written");
      const work = async () => signal?.aborted ? undefined : await write(login).catch(failed);
      const outcome = await leased("written", work, isCancelled);
      if (outcome === undefined) throw new KimiError("aborted", "Login: cancelled");
    },
    withLease: (work, isMoot) => leased("kept", work, isMoot),
  };
}

/**
 * Makes a token manager over auth.json for a program that is not opencode's server. It cannot store what
 * comes of a login in OPENCODE_AUTH_CONTENT, so it never refreshes that one.
 */
export async function createAuthJsonTokens(
  environment: TokenEnvironment & Pick<Environment, "variables" | "authFile">,
  /** With `options.baseURL` of the provider, if it is known. */
  { baseUrl, ...options }: Pick<TokenManagerOptions, "client" | "memory"> & {
    readonly baseUrl?: string | undefined;
  },
): Promise<{ tokens: TokenManager; hosts: (credential: Credential) => Hosts }> {
  const { variables } = environment;
  const file = await environment.authFile();
  const content = variables.OPENCODE_AUTH_CONTENT;
  const lent = readLogin(content);
  if (file === undefined && lent === undefined) throw new KimiError("not_logged_in", NOT_LOGGED_IN);
  const store = file ? createAuthJsonStore(environment, file, content) : memoryStore(lent);
  const hosts = (credential: Credential) => resolveHosts(variables, baseUrl, credential.hosts);
  const ended = new KimiError("not_stored", LENT_ENDED);
  const refusal = ({ access }: Credential) => access === lent?.access ? ended : undefined;
  return { tokens: createTokenManager(environment, store, { ...options, hosts, refusal }), hosts };
}
