/** Lets opencode send the request of a chat: its hooks see the request and the answer, and send neither. */

import type { Environment } from "../../../client/environment.ts";

type Fetch = Environment["fetch"];

/** A chat whose request is ready: it goes on with the answer to it. */
export interface Ready {
  readonly url: string;
  readonly init: RequestInit;
  readonly answer: (response: Response) => Promise<Response>;
}

/** How a chat begins: with a request, or with an answer without one, such as an error. */
export type Begun = Ready | { readonly response: Response };

/** The way from a chat to opencode. */
export interface Handover {
  /** Hands over the first request of each chat that was begun here, and sends all others. */
  readonly fetch: Fetch;
  /** Begins a chat, which passes this signal on to `fetch`. */
  readonly begin: (chat: () => Promise<Response>, signal: AbortSignal) => Promise<Begun>;
}

export function createHandover(send: Fetch): Handover {
  const waiting = new WeakMap<AbortSignal, (url: string, init: RequestInit) => Promise<Response>>();
  return {
    fetch(input, init = {}) {
      const { signal } = init;
      const take = signal ? waiting.get(signal) : undefined;
      if (take === undefined) return send(input, init);
      if (signal) waiting.delete(signal);
      return take(String(input), init);
    },
    begin(chat, signal) {
      return new Promise((resolve, reject) => {
        waiting.set(signal, (url, init) => {
          return new Promise<Response>((pass) => {
            const answer = (response: Response) => {
              pass(response);
              return result;
            };
            resolve({ url, init, answer });
          });
        });
        const result = chat();
        result.then((response) => resolve({ response }), reject);
      });
    },
  };
}
