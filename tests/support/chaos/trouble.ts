/**
 * An environment in which disk and clock misbehave, and whose process dies at a chosen step of a refresh. The
 * disk is the real one, behind delays and errors that are put in its way.
 */

import type { Environment, SharedFile } from "../../../lib/client/environment.ts";
import { createRandom } from "../fake/faults.ts";

/** The steps of a refresh, in their order. */
export const STEPS = [
  "locked",
  "checking",
  "checked",
  "renewed",
  "sending",
  "sent",
  "answered",
  "storing",
  "stored",
  "released",
] as const;

/** A step of a refresh. */
export type Step = (typeof STEPS)[number];

/** Whoever dies at one of these may take the only copy of the new login with it. */
export const LOSING: ReadonlySet<Step> = new Set(["sent", "answered", "storing"]);

/** What goes wrong in one process. */
export interface Trouble {
  readonly seed: number;
  /** How long the disk takes at most, in milliseconds. */
  readonly slowDisk: number;
  /** When nothing can be stored, in milliseconds since 1970, and the error; the same for all processes. */
  readonly full: readonly [from: number, until: number, code: string];
  /** Whether the clock jumps by an hour now and then. */
  readonly jumps: boolean;
  /** The step at which the first process to reach it dies, and the file in which it leaves its pid. */
  readonly dies?: { readonly at: Step; readonly grave: string };
}

/** Nothing goes wrong. */
export const CALM: Trouble = { seed: 0, slowDisk: 0, full: [0, 0, ""], jumps: false };

/** Seconds that tokens live: every second seed has short ones, which are waited for, with a disk that is quick. */
export const lifetimeOf = (seed: number) => seed % 2 === 0 ? 1.5 : 120;

/** What a file says that cannot be written: a full disk, one that was mounted anew, rights taken away. */
const CODES = ["ENOSPC", "EROFS", "EACCES"];

/** What goes wrong in one of many processes. */
export function harshTrouble(
  seed: number,
  index: number,
  dies: { readonly at: Step; readonly grave: string },
): Trouble {
  const isShort = lifetimeOf(seed) < 60;
  const full = Date.now() + 3_000;
  return {
    seed: seed * 100 + index,
    slowDisk: isShort ? 100 : 6_000,
    // With an expired token there is nothing to answer a request with.
    full: isShort ? [0, 0, ""] : [full, full + 2_000, CODES[Math.floor(seed / 2) % 3] ?? ""],
    jumps: index === 2,
    // The first is stopped for a while instead.
    ...(index > 0 ? { dies } : {}),
  };
}

/** A process lives for so long before it dies. */
const LIFE_MS = 1_000;

/** The clock stays for so long as it is. */
const JUMP_MS = 700;
const HOUR_MS = 3_600_000;

/** Wraps an environment. */
export function troubled(environment: Environment, trouble: Trouble): Environment {
  const random = createRandom(trouble.seed);
  const reach = (step: Step) => {
    if (step !== trouble.dies?.at || performance.now() < LIFE_MS) return;
    try {
      Deno.writeTextFileSync(trouble.dies.grave, String(Deno.pid), { createNew: true });
    } catch {
      return; // another process has died
    }
    Deno.kill(Deno.pid, "SIGKILL");
  };
  const refreshing = { isSent: false };
  const disk = async () => {
    await environment.sleep(random() ** 4 * trouble.slowDisk);
    const [from, until, code] = trouble.full;
    if (Date.now() < from || Date.now() > until) return;
    throw Object.assign(new Error(`${code}: nothing can be written`), { code });
  };
  const offset = () =>
    trouble.jumps ? ([0, HOUR_MS, -HOUR_MS][Math.floor(Date.now() / JUMP_MS) % 3] ?? 0) : 0;
  return {
    ...environment,
    now: () => environment.now() + offset(),
    async authFile() {
      const file = await environment.authFile();
      return file && troubledFile(file, disk, reach, refreshing);
    },
    async fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input);
      if (!url.endsWith("/token")) return await environment.fetch(input, init);
      reach("sending");
      refreshing.isSent = true;
      const answer = environment.fetch(input, init);
      setTimeout(() => reach("sent"));
      return await answer.finally(() => reach("answered"));
    },
  };
}

function troubledFile(
  file: SharedFile,
  disk: () => Promise<void>,
  reach: (step: Step) => void,
  refreshing: { isSent: boolean },
): SharedFile {
  return {
    ...file,
    async assertWritable() {
      reach("checking");
      await disk();
      await file.assertWritable();
      reach("checked");
    },
    async replace(text, over) {
      reach("storing");
      await disk();
      const isDone = await file.replace(text, over);
      // If the file has changed since it was read, nothing has been stored yet.
      if (isDone !== false) reach("stored");
      return isDone;
    },
    async lock(isMoot) {
      const lock = await file.lock(isMoot);
      if (lock === undefined) return undefined;
      refreshing.isSent = false;
      reach("locked");
      return {
        // It is renewed once more to store the answer, which is then the only copy.
        renew: () => lock.renew().finally(() => refreshing.isSent || reach("renewed")),
        release: () => lock.release().finally(() => reach("released")),
      };
    },
  };
}

/** As opencode does when the user logs in to another provider meanwhile; returns the text that it wrote last. */
export async function overwrite(auth: string, ended: Promise<unknown>): Promise<string> {
  let written = Deno.readTextFileSync(auth);
  let running = true;
  void ended.then(() => running = false);
  for (let turn = 0; running; turn++) {
    try {
      const entries = JSON.parse(Deno.readTextFileSync(auth));
      entries.login = { type: "api", key: `turn ${turn}` };
      const text = JSON.stringify(entries, null, 2);
      Deno.writeTextFileSync(auth, text, { mode: 0o600 });
      written = text;
    } catch {
      // Another opencode is writing: its own login would fail here too.
    }
    await new Promise((done) => setTimeout(done, 300));
  }
  return written;
}
