/**
 * Why a host was not reached: told apart by what the runtimes say, and by what answers in its place.
 *
 * @module
 */

/**
 * What was in the way.
 *
 * - `offline`: this machine has no way to any other
 * - `dns`: the host's name is not known
 * - `refused`: nobody listens there
 * - `tls`: the host could not show who it is
 * - `proxy`: a proxy wants a login of its own
 * - `portal`: a page answered in the host's place
 * - `timeout`: nothing came in time
 * - `lost`: the connection ended before the answer
 */
export type NetworkFault =
  | "offline"
  | "dns"
  | "refused"
  | "tls"
  | "proxy"
  | "portal"
  | "timeout"
  | "lost";

/**
 * What the runtimes say, measured with Deno 2.9, Node 20 and Bun 1.3; the first that fits counts.
 * Bun says `ConnectionRefused` where a name is not known, too.
 */
const SAID: readonly (readonly [NetworkFault, RegExp])[] = [
  ["proxy", /proxy authentication|\b407\b/i],
  [
    "tls",
    /certificate|self.signed|\bCERT_|\bERR_TLS|\bERR_SSL|tls handshake|corrupt message|UNABLE_TO_/i,
  ],
  [
    "offline",
    /EAI_AGAIN|FailedToOpenSocket|Temporary failure in name resolution|ENETUNREACH|EHOSTUNREACH|ENETDOWN|Network is unreachable|No route to host/i,
  ],
  ["dns", /ENOTFOUND|dns error/i],
  ["timeout", /TimeoutError|ETIMEDOUT|_TIMEOUT\b|timed out/i],
  ["refused", /ECONNREFUSED|ConnectionRefused|Connection refused/i],
];

/** What to do, for each. */
const CURES: Readonly<Record<NetworkFault, readonly [problem: string, cure: string]>> = {
  offline: ["cannot be reached: this machine is offline", "connect it to the network"],
  dns: ["is not known to the name server", "check the host's name, the DNS settings and the VPN"],
  refused: ["refuses connections", "check the host, the firewall and the proxy settings"],
  tls: [
    "could not prove its identity (TLS)",
    "check the clock, and let the runtime trust your proxy's certificate: DENO_TLS_CA_STORE=system, or " +
    "NODE_EXTRA_CA_CERTS",
  ],
  proxy: [
    "cannot be reached: the proxy wants a login (407)",
    "put its user and password into HTTPS_PROXY",
  ],
  portal: [
    "did not answer: a web page came in its place",
    "log in to the network's portal in a browser, or leave the proxy out by NO_PROXY",
  ],
  timeout: ["did not answer in time", "try again; check the firewall and the proxy settings"],
  lost: ["closed the connection before it answered", "try again; check the proxy settings"],
};

/**
 * Tells why no answer came.
 *
 * @param error What `fetch` threw, or an error that was caused by it.
 * @returns What was in the way; `lost` where nothing more is known.
 * @example
 * ```ts
 * import { classifyNetworkError } from "./network_error.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cause = Object.assign(new Error("getaddrinfo ENOTFOUND x"), { code: "ENOTFOUND" });
 * assertEquals(classifyNetworkError(new TypeError("fetch failed", { cause })), "dns");
 * ```
 */
export function classifyNetworkError(error: unknown): NetworkFault {
  const texts: string[] = [];
  for (let at = error; at instanceof Error && texts.length < 15; at = at.cause) {
    texts.push(at.name, at.message, "code" in at ? String(at.code) : "");
  }
  const said = texts.join(" ");
  return SAID.find(([, pattern]) => pattern.test(said))?.[0] ?? "lost";
}

/**
 * Tells whether something else answered in the place of a host that speaks JSON.
 *
 * @param response The answer; its body is not read.
 * @returns What answered, or undefined where it may be the host itself.
 */
export function answerFault({ status, headers }: Response): "proxy" | "portal" | undefined {
  if (status === 407) return "proxy";
  if (status === 511) return "portal";
  return /^text\/html\b/i.test(headers.get("content-type") ?? "") ? "portal" : undefined;
}

/** What is wrong with a connection, and what to do. */
export interface ConnectionProblem {
  /** What is wrong, with the host's name. */
  readonly problem: string;
  /** What the user can do. */
  readonly cure: string;
}

/**
 * Says what is wrong.
 *
 * @param fault What was in the way.
 * @param host Name of the host.
 * @returns Problem and cure, without a final period.
 */
export function explainNetworkFault(fault: NetworkFault, host: string): ConnectionProblem {
  const [problem, cure] = CURES[fault];
  return { problem: `${host} ${problem}`, cure };
}
