/** Single-line faults of the refresh path, each of which some test must notice. */

/** One fault. */
export interface Mutant {
  readonly file: string;
  /** A part of one line, which occurs once in the file. */
  readonly from: string;
  readonly to: string;
  /** What of the tests is to notice it. */
  readonly tests: keyof typeof TESTS;
}

const TOKENS = [
  "token_manager",
  "background_refresh",
  "locked_refresh",
  "lost_lease",
  "refresh_failures",
  "refresh_store",
  "credential",
].map((name) => `tests/client/tokens/${name}_test.ts`);

/** Tests by subject. */
export const TESTS = {
  tokens: TOKENS,
  authJson: ["tests/client/auth_json/"],
  plugin: ["tests/opencode/v1/auth/", "tests/opencode/v1/broken_auth_test.ts"],
  chat: ["tests/client/chat/due_token_test.ts"],
  file: ["tests/runtime/fs/atomic_file_test.ts", "tests/runtime/fs/shared_place_test.ts"],
  lock: ["tests/runtime/fs/lock_test.ts", "tests/runtime/fs/lock_wait_test.ts"],
} as const;

const MANAGER = "lib/client/tokens/token_manager.ts";
const REFRESH = "lib/client/tokens/locked_refresh.ts";
const CREDENTIAL = "lib/client/tokens/credential.ts";
const KEPT = "lib/client/tokens/login_store.ts";
const STORE = "lib/client/auth_json/store.ts";
const PLUGIN = "lib/opencode/v1/credential_store.ts";
const FILE = "lib/runtime/fs/atomic_file.ts";
const LOCK = "lib/runtime/fs/lock.ts";
const HOLDER = "lib/runtime/fs/lock_holder.ts";
const CHAT = "lib/client/chat/fetch.ts";

function mutant(file: string, from: string, to: string, tests: keyof typeof TESTS): Mutant {
  return { file, from, to, tests };
}

/** The faults. */
export const MUTANTS: readonly Mutant[] = [
  mutant(MANAGER, "const AHEAD_SECONDS = 60", "const AHEAD_SECONDS = 90", "tokens"),
  mutant(MANAGER, "const AHEAD_SECONDS = 60", "const AHEAD_SECONDS = 30", "tokens"),
  mutant(MANAGER, "const PAUSE_MS = 30_000", "const PAUSE_MS = 29_000", "tokens"),
  mutant(MANAGER, "if (joined !== undefined) return joined.fresh;", "", "tokens"),
  mutant(MANAGER, "if (storing !== undefined) return await storing[1].fresh;", "", "tokens"),
  mutant(
    MANAGER,
    "track(work, locked().then((refresh) => refresh(login, true, () => {})));",
    "",
    "tokens",
  ),
  mutant(MANAGER, "pausedUntil.set(used.refresh, now() + PAUSE_MS);", "", "tokens"),
  mutant(
    MANAGER,
    "const canWait = !memory.rejected",
    "const canWait = true || !memory.rejected",
    "tokens",
  ),
  mutant(
    MANAGER,
    "if (latest.refresh === login.refresh && !isSendable)",
    "if (!isSendable)",
    "tokens",
  ),
  mutant(
    MANAGER,
    "if (latest.refresh === login.refresh && !isSendable) throw error;",
    "",
    "tokens",
  ),
  mutant(
    MANAGER,
    "const fresh = await joined.fresh.catch(() => undefined);",
    "const fresh = await joined.fresh;",
    "tokens",
  ),
  mutant(MANAGER, "{ memory = PROCESS,", "{ memory = createRefreshMemory(),", "tokens"),
  mutant(MANAGER, "!replaced.has(login.refresh) &&", "", "tokens"),
  mutant(MANAGER, "fresh.catch(() => {});\n    return fresh", "return fresh", "tokens"),
  mutant(REFRESH, "if (!await lease.renew()) return undefined;\n      const", "const", "tokens"),
  mutant(REFRESH, "if (newer !== undefined) return newer;", "", "tokens"),
  mutant(REFRESH, "if (isOther(latest)) {", "if (false) {", "tokens"),
  mutant(REFRESH, "!memory.replaced.has(stored.refresh)", "true", "tokens"),
  mutant(REFRESH, "if (memory.rejected.has(latest.refresh)) throw rejected(latest);", "", "tokens"),
  mutant(REFRESH, "isUsable && isValid(latest)) {", "isUsable && false) {", "tokens"),
  mutant(REFRESH, "memory.rejected.add(used.refresh);", "", "tokens"),
  mutant(REFRESH, "memory.uncertain.add(used.refresh);", "{}", "tokens"),
  mutant(REFRESH, "++lost > 1 ||", "++lost > 2 ||", "tokens"),
  mutant(REFRESH, "await lease.renew();", "", "tokens"),
  mutant(REFRESH, "hand(fresh);", "", "tokens"),
  mutant(REFRESH, "STORE_ATTEMPTS = 40", "STORE_ATTEMPTS = 1", "tokens"),
  mutant(REFRESH, "? fresh : latestOf(await kept())", "? fresh : fresh", "tokens"),
  mutant(REFRESH, "noteSpent(memory, latest.refresh, fresh);\n", "\n", "tokens"),
  mutant(REFRESH, "if (latest.refresh !== used.refresh) return latest;", "", "tokens"),
  mutant(REFRESH, "await store.update(stored, latest);", "await store.save(latest);", "tokens"),
  mutant(
    REFRESH,
    "const RETRY_DELAYS_MS = [1000, 2000]",
    "const RETRY_DELAYS_MS = [1000]",
    "tokens",
  ),
  mutant(
    CREDENTIAL,
    "const MIN_THRESHOLD_SECONDS = 300",
    "const MIN_THRESHOLD_SECONDS = 299",
    "tokens",
  ),
  mutant(REFRESH, "if (!isMoot && isLong) throw", "if (isLong) throw", "tokens"),
  mutant(REFRESH, "isUsable && isValid(used) && environment.now()", "environment.now()", "tokens"),
  mutant(REFRESH, 'if (code === "network" || status === 200)', 'if (code === "network")', "tokens"),
  mutant(REFRESH, "if (fresh.refresh === used) return;", "", "tokens"),
  mutant(REFRESH, "if (!await lease.renew()) return undefined;\n      }", "}", "tokens"),
  mutant(MANAGER, ": isNotStored(error)", ": false", "tokens"),
  mutant(CREDENTIAL, "credential.lifetime / 2)", "credential.lifetime / 3)", "tokens"),
  mutant(CREDENTIAL, "...(isKnown ? [] : [seconds])", "...[]", "tokens"),
  mutant(CREDENTIAL, "MAX_ASSUMED_MS = 30 *", "MAX_ASSUMED_MS = 31 *", "tokens"),
  mutant(STORE, "if (!isReplaceable) return", "if (false) return", "authJson"),
  mutant(
    STORE,
    "if (kept?.refresh === login.refresh && kept.access === login.access)",
    "if (!isFirst)",
    "authJson",
  ),
  mutant(STORE, "!== false) await sleep", "=== false) await sleep", "authJson"),
  mutant(STORE, "await (checked ??= readable", "await (checked = readable", "authJson"),
  mutant(STORE, "void (lent && await readSettled(false))", "{}", "authJson"),
  mutant(STORE, "&& kept.access === login.access", "", "authJson"),
  mutant(STORE, "await lock?.release();", "", "authJson"),
  mutant(STORE, "|| waited >= ABSENCE_MS", "|| waited > 0", "authJson"),
  mutant(STORE, "if (found !== undefined) whole = waited;", "", "authJson"),
  mutant(
    STORE,
    "parseObject(text) === undefined) return undefined",
    "text === '') return undefined",
    "authJson",
  ),
  mutant(STORE, "[spent, lent?.refresh].includes(kept.refresh)", "!isUpdate", "authJson"),
  mutant(PLUGIN, "isElsewhere = other !== undefined;", "", "plugin"),
  mutant(KEPT, 'return "superseded";', "{}", "plugin"),
  mutant(STORE, "version === last?.version) return last;", "false) return last;", "authJson"),
  mutant(STORE, "version === file.version?.() ?", "true ?", "authJson"),
  mutant(FILE, "if (!UNMOVABLE.includes(codeOf(error))) throw error;", "throw error;", "file"),
  mutant(FILE, "file.chown(uid, gid)", "{}", "file"),
  mutant(FILE, "`${dirname(target)}/${LOCK_NAME}`", "`${directory}/${LOCK_NAME}`", "file"),
  mutant(FILE, "> STEADY_MS ? version", "> 0 ? version", "file"),
  mutant(FILE, "if (seen !== version)", "if (version === undefined)", "file"),
  mutant(FILE, "over === undefined || holds(path, over)", "true", "file"),
  mutant(LOCK, "alive: HOLD_MS", "alive: HOLD_MS / 2", "lock"),
  mutant(LOCK, "sameName(seen && `by ${seen.name}`)", "sameName(seen !== undefined)", "lock"),
  mutant(LOCK, "Math.min(now - before, LOOK_MS)", "now - before", "lock"),
  mutant(
    LOCK,
    'if (stale === "") return await rmdir',
    "if (stale === path) return await rmdir",
    "lock",
  ),
  mutant(
    LOCK,
    "rename(`${path}/${stale}`, `${path}/${name}`)",
    "rename(path, `${path}.old`)",
    "lock",
  ),
  mutant(LOCK, "if (!existsSync(renewed)) return false;", "", "lock"),
  mutant(LOCK, 'if (codeOf(error) !== "ENOENT") throw error;', "", "lock"),
  mutant(LOCK, "stuckFor(stale) > STUCK_MS", "stuckFor(stale) > STUCK_MS * 2", "lock"),
  mutant(LOCK, "rmSync(file(), { force: true });", "", "lock"),
  mutant(LOCK, "rmSync(file(), { force: true });", "rmSync(path, { recursive: true });", "lock"),
  mutant(LOCK, "rmSync(folder, { recursive: true, force: true });", "", "lock"),
  mutant(LOCK, "renewals++;", "", "lock"),
  mutant(LOCK, 'ownProcess().once("exit", remove);', "", "lock"),
  mutant(HOLDER, "holder.place !== place", "false", "lock"),
  mutant(HOLDER, "find(readHolder)", "find((name) => name)", "lock"),
  mutant(
    CHAT,
    "return isRefreshing ? endingAfter(passed, tokens.settled) : passed;",
    "return passed;",
    "chat",
  ),
  mutant(CHAT, "tokens.isSettled?.() === false", "false", "chat"),
  mutant(CHAT, "{ flush: stored }", "{}", "chat"),
];
