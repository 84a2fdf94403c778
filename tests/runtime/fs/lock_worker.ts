/** A process of its own that takes a lock: told what to do by its arguments, and by single bytes. */

import process from "node:process";
import { setImmediate } from "node:timers";
import { takeLock } from "../../../lib/runtime/fs/lock.ts";

const [order = "", path = "", file = "", rounds = "0", platform = process.platform] = Deno.args;
Object.defineProperty(process, "platform", { value: platform });

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Adds one to the number in the file, each time under the lock; fails where anyone else is inside. */
async function count(): Promise<void> {
  for (let round = 0; round < Number(rounds); round++) {
    const lock = await takeLock(path);
    const inside = await Deno.open(`${file}.inside`, { createNew: true, write: true });
    const number = Number(await Deno.readTextFile(file));
    await new Promise((resolve) => setTimeout(resolve, 1));
    await Deno.writeTextFile(file, String(number + 1));
    inside.close();
    await Deno.remove(`${file}.inside`);
    await lock?.release();
  }
}

/** Holds the lock; `?` asks whether it still does, `-` gives it up. */
async function hold(): Promise<void> {
  say("waiting");
  const lock = await takeLock(path);
  say("held");
  for await (const bytes of Deno.stdin.readable) {
    for (const byte of bytes) {
      if (byte === "?".charCodeAt(0)) say(String(await lock?.renew()));
      else if (byte === "-".charCodeAt(0)) {
        await lock?.release();
        say("released");
        return;
      }
    }
  }
}

/** Ends while it holds the lock, or what was its own until another took it away. */
async function exit(): Promise<void> {
  await takeLock(path);
  for (const { name } of file === "" ? [] : Deno.readDirSync(path)) {
    await Deno.rename(`${path}/${name}`, `${path}/${file}`);
  }
  process.exit(0);
}

/** Ends some turns of the event loop after it began to take the lock, or to give it up. */
async function quit(): Promise<void> {
  if (file === "take") void takeLock(path);
  else void (await takeLock(path))?.release();
  for (let turn = 0; turn < Number(rounds); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.exit(0);
}

const ORDERS: Readonly<Record<string, () => Promise<void>>> = { count, hold, exit, quit };

if (import.meta.main) await ORDERS[order]?.();
