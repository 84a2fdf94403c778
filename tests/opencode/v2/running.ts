/** What runs beside a test, so that the test can wait for its end. */

import type { SharedFile } from "../../../lib/client/environment.ts";
import type { Core } from "../../../lib/opencode/v2/core.ts";

/** The work that has begun and not ended. */
export interface Running {
  /** Notes work until it ends, and returns it. */
  readonly note: <T>(work: Promise<T>) => Promise<T>;
  /** Resolves once all work has ended, and none has begun in a turn of the event loop. */
  readonly ended: () => Promise<void>;
}

export function createRunning(): Running {
  const running = new Set<Promise<unknown>>();
  return {
    note(work) {
      running.add(work);
      const end = () => void running.delete(work);
      work.then(end, end);
      return work;
    },
    async ended() {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve));
        if (running.size === 0) return;
        await Promise.allSettled(running);
      }
    },
  };
}

/** Notes what the plugin does by itself, which no hook waits for. */
export function notedCore(core: Core, { note }: Running): Core {
  const { provider, oneAtATime } = core;
  return {
    ...core,
    oneAtATime: (work) => note(oneAtATime(work)),
    provider: { ...provider, askModels: () => note(provider.askModels()) },
  };
}

/** Notes requests until their answers are read, but for streams, which hooks wait for. */
export function notedFetch({ note }: Running): typeof fetch {
  const ask = async (input: string | URL | Request, init?: RequestInit) => {
    const response = await fetch(input, init);
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    return isStream ? response : new Response(await response.arrayBuffer(), response);
  };
  return (input, init) => note(ask(input, init));
}

/** Notes all that is done with a file. */
export function notedFile(file: SharedFile, { note }: Running): SharedFile {
  return {
    ...file,
    read: () => note(file.read()),
    replace: (text, over) => note(file.replace(text, over)),
    assertWritable: () => note(file.assertWritable()),
    async lock(isMoot) {
      const lock = await note(file.lock(isMoot));
      return lock && { renew: () => note(lock.renew()), release: () => note(lock.release()) };
    },
  };
}

/** Short alarms ring in the next turn of the event loop, long ones never. */
const SOON_MS = 1_000;

/** Notes an alarm until it has rung. */
export function notedAlarm({ note }: Running) {
  return (milliseconds: number, ring: () => void) => {
    if (milliseconds > SOON_MS) return () => {};
    const { promise, resolve } = Promise.withResolvers<void>();
    note(promise);
    const timer = setTimeout(() => {
      ring();
      resolve();
    });
    return () => {
      clearTimeout(timer);
      resolve();
    };
  };
}
