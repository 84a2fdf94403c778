/** Events of all locations, as `ctx.event.subscribe()` gives them (adapter 07bc181c). */

import { type HostEvent, type Json, object } from "./types.ts";

/** The events of one process. */
export interface Events {
  readonly emit: (type: string, data: Json) => void;
  readonly subscribe: (plugin: string, given?: unknown) => AsyncIterableIterator<HostEvent>;
  /** Ends the subscriptions of one plugin, or of all; with an error they break. */
  readonly end: (plugin?: string, error?: Error) => void;
  readonly seen: readonly HostEvent[];
  readonly subscribers: () => number;
}

interface Subscriber {
  readonly plugin: string;
  readonly push: (event: HostEvent) => void;
  readonly end: (error?: Error) => void;
}

/** Makes the events of one process. */
export function createEvents(now: () => number): Events {
  const seen: HostEvent[] = [];
  const subscribers = new Set<Subscriber>();
  return {
    emit(type, data) {
      const event = { id: `evt_${seen.length + 1}`, created: now(), type, data };
      seen.push(event);
      for (const { push } of [...subscribers]) push(event);
    },
    subscribe(plugin, given) {
      const { signal } = object(given);
      const waiting: HostEvent[] = [];
      let wake = () => {};
      let ended = false;
      let broken: Error | undefined;
      const subscriber: Subscriber = {
        plugin,
        push(event) {
          waiting.push(event);
          wake();
        },
        end(error) {
          ended = true;
          broken = error;
          subscribers.delete(subscriber);
          wake();
        },
      };
      subscribers.add(subscriber);
      if (signal instanceof AbortSignal) {
        signal.addEventListener("abort", () => subscriber.end(), { once: true });
      }
      return (async function* () {
        try {
          for (;;) {
            while (waiting.length > 0) yield waiting.shift()!;
            if (broken !== undefined) throw broken;
            if (ended) return;
            await new Promise<void>((resolve) => wake = resolve);
          }
        } finally {
          subscribers.delete(subscriber);
        }
      })();
    },
    end(plugin, error) {
      for (const subscriber of [...subscribers]) {
        if (plugin === undefined || plugin === subscriber.plugin) subscriber.end(error);
      }
    },
    seen,
    subscribers: () => subscribers.size,
  };
}
