/** What must hold in Node for Windows. */

import { fromFileUrl, join } from "@std/path";
import type { Started, Windows } from "./wine.ts";

interface Stage {
  readonly windows: Windows;
  /** The built package. */
  readonly dir: string;
}

/** A case: `check` returns what is wrong. */
export interface Case {
  readonly holds: string;
  readonly isSkipped?: boolean;
  readonly check: (stage: Stage) => Promise<string | undefined>;
}

const INSIDE = fromFileUrl(new URL("./inside.ts", import.meta.url));

/** Wine sets USERPROFILE itself. */
const PROFILE = fromFileUrl(new URL("./profile.cjs", import.meta.url));

/** A user's folder, as both systems see it. */
interface User {
  readonly home: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The folder of auth.json, here and in Windows. */
  readonly data: string;
  readonly windowsData: string;
}

let users = 0;

async function newUser({ drive }: Windows, folder = ".local\\share\\opencode"): Promise<User> {
  const name = `Ann B ${++users}`;
  const home = join(drive, "users", name);
  const data = join(home, ...folder.split("\\"));
  await Deno.mkdir(data, { recursive: true });
  const profile = `C:\\users\\${name}`;
  return {
    home,
    data,
    windowsData: `${profile}\\${folder}`,
    variables: { KIMI_TEST_PROFILE: profile },
  };
}

function inside({ windows, dir }: Stage, user: User, task: string, number = 0): Started {
  return windows.start(
    ["-r", PROFILE, INSIDE, dir, task, user.windowsData, String(number)],
    user.variables,
  );
}

async function told(started: Started): Promise<unknown> {
  const { stdout } = await started.ended;
  const json = stdout.split("\n").findLast((line) => /^[[{"\dn]/.test(line)) ?? "";
  try {
    return JSON.parse(json);
  } catch {
    throw new Error(stdout);
  }
}

function differs(seen: unknown, wanted: unknown): string | undefined {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(wanted)];
  return a === b ? undefined : `${a} instead of ${b}`;
}

const OTHER = '{\r\n\t"other": {"type": "api", "key": "k\\u00e9"}';

/** The state of a login and what doctor finds in it. */
interface DoctorState {
  readonly text?: string;
  readonly prepare?: (data: string) => Promise<void>;
  /** What it finds, and what it does not. */
  readonly finds: string;
  readonly lacks?: RegExp;
}

const LOGIN = {
  type: "oauth",
  access: "a",
  refresh: "r",
  expires: Date.now() + 800_000,
};
const LOGGED_IN = JSON.stringify({ "kimi-for-coding-oauth": LOGIN });

const STATES: Readonly<Record<string, DoctorState>> = {
  "without a login": { finds: "not-logged-in" },
  "with a corrupt auth.json": { text: '{"kimi', finds: "auth-corrupt" },
  "with a folder in place of auth.json": {
    prepare: (data) => folder(data, "auth.json"),
    finds: "auth-unreadable",
  },
  "with an API key in place of the login": {
    text: '{"kimi-for-coding-oauth":{"type":"api","key":"k"}}',
    finds: "login-entry",
  },
  "with a login, but without the plugin": {
    text: LOGGED_IN,
    finds: "plugin-missing",
    lacks: /login|auth/,
  },
  "with a folder in place of the device id": {
    text: LOGGED_IN,
    prepare: (data) => folder(data, "../../../.kimi/device_id"),
    finds: "device-id-unreadable",
  },
};

async function folder(data: string, path: string): Promise<void> {
  await Deno.mkdir(join(data, path), { recursive: true });
}

async function doctorFinds(stage: Stage, { text, prepare, finds, lacks }: DoctorState) {
  const user = await newUser(stage.windows);
  const file = join(user.data, "auth.json");
  if (text !== undefined) await Deno.writeTextFile(file, text);
  await prepare?.(user.data);
  const bin = join(stage.dir, "dist/bin.js");
  const args = ["-r", PROFILE, bin, "doctor", "--json"];
  const { stdout } = await stage.windows.start(args, user.variables).ended;
  const found: readonly { readonly id: string }[] = JSON.parse(stdout).findings;
  const ids = found.map(({ id }) => id);
  const isRight = ids.includes(finds) && !ids.some((id) => lacks?.test(id));
  return isRight ? undefined : `it finds ${ids}`;
}

export const CASES: readonly Case[] = [
  {
    holds: "the device has Python's names for Windows, and ids that stay the same",
    async check(stage) {
      const user = await newUser(stage.windows);
      const first = await told(inside(stage, user, "device"));
      const again = await told(inside(stage, user, "device"));
      const [cli, code] = first as readonly Record<string, string>[];
      const id = await Deno.readTextFile(join(user.home, ".kimi/device_id"));
      const uuid = await Deno.readTextFile(join(user.home, ".kimi-code/device_id"));
      return differs(first, again) ??
        differs([cli?.system, cli?.release, cli?.machine], ["Windows", "10", "AMD64"]) ??
        differs(/^10\.0\.\d+$/.test(cli?.version ?? ""), true) ??
        differs([cli?.id, code?.id], [id, uuid]) ??
        differs([/^[0-9a-f]{32}$/.test(id), uuid.length], [true, 36]);
    },
  },
  ...Object.entries(STATES).map(([state, expected]) => ({
    holds: `doctor names what is wrong ${state}`,
    check: (stage: Stage) => doctorFinds(stage, expected),
  })),
  {
    holds: "a login is stored, and other entries of auth.json keep their bytes",
    async check(stage) {
      const user = await newUser(stage.windows);
      await Deno.writeTextFile(join(user.data, "auth.json"), `${OTHER}\r\n}\r\n`);
      const [refresh, text] = await told(inside(stage, user, "save")) as [string, string];
      return differs([refresh, text.startsWith(OTHER)], ["1", true]);
    },
  },
  {
    holds: "a login is stored below a path of over 260 characters",
    async check(stage) {
      const user = await newUser(stage.windows, Array(12).fill("a".repeat(30)).join("\\"));
      await Deno.writeTextFile(join(user.data, "auth.json"), LOGGED_IN);
      return differs(await told(inside(stage, user, "save")).then((seen) => Object(seen)[0]), "1");
    },
  },
  {
    holds: "a login is stored over a file that another program has open for half a second",
    async check(stage) {
      const user = await newUser(stage.windows);
      await Deno.writeTextFile(join(user.data, "auth.json"), LOGGED_IN);
      return differs(await told(inside(stage, user, "saveOverOpen")), "2");
    },
  },
  {
    holds: "a refresh leaves a file that is read-only as it is, and says what to do",
    // The attribute is that of the file here, which binds everybody but root.
    isSkipped: Deno.uid() === 0,
    async check(stage) {
      const user = await newUser(stage.windows);
      const file = join(user.data, "auth.json");
      await Deno.writeTextFile(file, LOGGED_IN);
      const { error } = Object(await told(inside(stage, user, "refreshReadOnly")));
      return differs(/auth\.json \(E\w+\): give your user the right/.test(error), true) ??
        differs(await Deno.readTextFile(file), LOGGED_IN);
    },
  },
  {
    holds: "four processes make 160 updates, and none is lost",
    async check(stage) {
      const user = await newUser(stage.windows);
      const zero = { ...LOGIN, refresh: "0" };
      const text = JSON.stringify({ "kimi-for-coding-oauth": zero });
      await Deno.writeTextFile(join(user.data, "auth.json"), text);
      const counting = [1, 2, 3, 4].map(() => told(inside(stage, user, "count", 40)));
      const counted = await Promise.all(counting);
      return differs(counted.includes("160"), true) ?? differs(await left(user), ["auth.json"]);
    },
  },
  {
    holds: "a waiter has the lock of a killed process within two seconds",
    async check(stage) {
      const user = await newUser(stage.windows);
      await Deno.writeTextFile(join(user.data, "auth.json"), LOGGED_IN);
      const holder = inside(stage, user, "hold");
      while (!(await left(user)).includes("held")) await pause(50);
      const waiter = inside(stage, user, "take");
      // A waiter started later could get the same pid: Wine uses the lowest that is free.
      await pause(2_000);
      const killed = performance.now();
      holder.kill();
      const waited = await told(waiter);
      const took = Math.round(performance.now() - killed);
      return differs(typeof waited, "number") ??
        (took < 2_000 ? undefined : `it took ${took} ms`);
    },
  },
];

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function left({ data }: User): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(data))).map(({ name }) => name);
}
