/**
 * Runs in Node for Windows: does one thing with the built package, and prints what came of it as JSON.
 * Arguments: the folder of the package, what to do, and for that a folder of auth.json and a number.
 */
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { Credential, LoginStore } from "../../lib/runtime/mod.ts";

const [folder = "", task = "", data = "", number = "0"] = process.argv.slice(2);

type Runtime = typeof import("../../lib/runtime/mod.ts");
const { authJsonStore, systemEnvironment }: Runtime = await import(
  pathToFileURL(`${folder}/dist/runtime.js`).href
);
const auth = `${data}\\auth.json`;

function login(refresh: string): Credential {
  return { access: "a", refresh, expires: Date.now() + 1e9, lifetime: 1e6 };
}

async function withLease(store: LoginStore, work: () => Promise<void>): Promise<void> {
  await store.withLease?.(async ({ renew }) => {
    if (await renew()) await work();
  }, () => Promise.resolve(false));
}

/** Adds 1 to the number that the refresh token holds, as a refresh replaces a login. */
async function addOne(store: LoginStore): Promise<void> {
  await withLease(store, async () => {
    const from = await store.read();
    if (from === undefined) throw new Error("the login is gone");
    const next = String(Number(from.refresh) + 1);
    if (await store.update(from, login(next)) !== "stored") throw new Error(`${next} is lost`);
  });
}

const TASKS: Readonly<Record<string, () => Promise<unknown>>> = {
  async device() {
    const environment = systemEnvironment();
    return [await environment.device("kimi-cli"), await environment.device("kimi-code")];
  },
  async save() {
    const store = authJsonStore(auth);
    await store.save(login("1"));
    return [(await store.read())?.refresh, readFileSync(auth, "utf8")];
  },
  async count() {
    const store = authJsonStore(auth);
    for (let left = Number(number); left > 0; left--) await addOne(store);
    return (await store.read())?.refresh;
  },
  /** Holds the lease until the process is killed. */
  async hold() {
    await withLease(authJsonStore(auth), () => {
      writeFileSync(`${data}\\held`, "");
      return new Promise((resolve) => setTimeout(resolve, 600_000));
    });
  },
  async take() {
    const start = performance.now();
    await withLease(authJsonStore(auth), () => Promise.resolve());
    return Math.round(performance.now() - start);
  },
  /** Refreshes a login in a file that has Windows' attribute "read-only". */
  async refreshReadOnly() {
    chmodSync(auth, 0o444);
    await addOne(authJsonStore(auth));
  },
  /** Saves while the file is open, as a reader or a virus scanner has it. */
  async saveOverOpen() {
    const open = openSync(auth, "r");
    setTimeout(() => closeSync(open), 500);
    await authJsonStore(auth).save(login("2"));
    return (await authJsonStore(auth).read())?.refresh;
  },
};

const failed = (error: unknown) => ({ error: error instanceof Error ? error.message : `${error}` });
const result = await TASKS[task]?.().catch(failed);
process.stdout.write(JSON.stringify(result ?? null));
