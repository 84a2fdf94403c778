import type { FakeAnswer } from "./http.ts";
import type { Fault, FaultAnswer, RequestKind } from "./types.ts";

/** Creates a seeded generator of numbers in [0, 1): mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Count {
  seen: number;
  hits: number;
}

/** Removes the fault that hits a request, if any, from a list that others may change. */
export function createFaultPicker(
  random: () => number,
): (faults: Fault[], kind: RequestKind) => Fault | undefined {
  const counts = new WeakMap<Fault, Count>();

  function hits(fault: Fault, kind: RequestKind): boolean {
    if ((fault.kind ?? kind) !== kind) return false;
    const count = counts.get(fault) ?? { seen: 0, hits: 0 };
    counts.set(fault, count);
    if (count.seen++ < (fault.skip ?? 0)) return false;
    if (fault.probability !== undefined && random() >= fault.probability) return false;
    count.hits++;
    return true;
  }

  function isSpent(fault: Fault): boolean {
    const times = fault.times ?? (fault.probability === undefined ? 1 : "always");
    return times !== "always" && (counts.get(fault)?.hits ?? 0) >= times;
  }

  return (faults, kind) => {
    const fault = faults.find((candidate) => hits(candidate, kind));
    if (fault !== undefined && isSpent(fault)) {
      faults.splice(faults.indexOf(fault), 1);
      counts.delete(fault);
    }
    return fault;
  };
}

const PORTAL: FaultAnswer = {
  status: 403,
  headers: { "Content-Type": "text/html; charset=utf-8" },
  body: "<!doctype html><html><body><h1>Sign in to the network</h1></body></html>",
};

/** Returns the fixed answer of a fault. */
export function faultAnswer(answer: FaultAnswer | "html"): FakeAnswer {
  const { status, headers = {}, body = "" } = answer === "html" ? PORTAL : answer;
  if (typeof body === "string") return { status, headers, body };
  return {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  };
}
