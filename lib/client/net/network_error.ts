/** Classifies why a host was not reached, and explains it. */

import type { Variables } from "../../kimi/chat/env_settings.ts";
import { errorChain } from "../../kimi/errors/error_chain.ts";

/** A classified error of `fetch`. */
interface NetworkError {
  readonly fault: NetworkFault;
  /** Whether it is certain that the host received nothing, so that a refresh token is not spent. */
  readonly neverSent: boolean;
}

/** Measured with Deno 2.9, Node 20 and 22, Bun 1.3; the first match counts. */
const PATTERNS: readonly (readonly [NetworkFault, RegExp])[] = [
  ["socks", /UnsupportedProxyProtocol/],
  ["proxy", /proxy authentication|\(407\)/i],
  // A TLS record that cannot be read after the handshake, when the request may have arrived.
  ["lost", /\(SendRequest\)|bad.record.mac|decryption failed/i],
  [
    "tls",
    /certificate|self.signed|\bCERT_|\bERR_TLS|\bERR_SSL|\bEPROTO\b|tls handshake|before secure TLS|corrupt message|UNABLE_TO_/i,
  ],
  [
    "offline",
    /EAI_AGAIN|FailedToOpenSocket|Temporary failure in name resolution|ENETUNREACH|EHOSTUNREACH|ENETDOWN|Network is unreachable|No route to host/i,
  ],
  ["dns", /ENOTFOUND|dns error/i],
  [
    "connect_timeout",
    /CONNECT_TIMEOUT|connect ETIMEDOUT|\(Connect\).*(?:timed out|deadline)/i,
  ],
  ["timeout", /TimeoutError|ETIMEDOUT|_TIMEOUT\b|timed out/i],
  ["refused", /ECONNREFUSED|Connection refused/i],
  ["unreachable", /ConnectionRefused|\(Connect\)|bad port|are blocked/],
];

/** Faults after which the request may have arrived; with the others, no connection was made. */
const SENT: ReadonlySet<NetworkFault> = new Set(["portal", "timeout", "lost"]);

/** Faults that stay until the user changes the settings: a retry is useless. */
const FINAL: ReadonlySet<NetworkFault> = new Set(["socks", "proxy"]);

/** What happened, and how to fix it. */
const EXPLANATIONS = {
  offline: ["cannot be reached: this machine is offline", "connect it to the network"],
  dns: ["is not known to the name server", "check the host's name, the DNS settings and the VPN"],
  refused: ["refuses connections", "check the host, the firewall and the proxy settings"],
  // Bun says no more than that for an unknown name, a refusal or plain HTTP.
  unreachable: ["cannot be reached", "check the network, the DNS, firewall and proxy settings"],
  tls: [
    "could not prove its identity (TLS)",
    "check the clock, and let the runtime trust your proxy's certificate: DENO_TLS_CA_STORE=system, or " +
    "NODE_EXTRA_CA_CERTS",
  ],
  socks: [
    "cannot be reached: a SOCKS proxy cannot be used",
    "set HTTPS_PROXY and HTTP_PROXY to an http:// one",
  ],
  proxy: [
    "cannot be reached: the proxy asks for a password (407)",
    "put user and password into HTTPS_PROXY",
  ],
  portal: [
    "did not answer: a web page came in its place",
    "log in to the network's portal in a browser, or exclude the host from the proxy with NO_PROXY",
  ],
  connect_timeout: [
    "did not accept a connection in time",
    "check the network, the firewall and the proxy settings",
  ],
  timeout: ["did not answer in time", "try again; check the firewall and the proxy settings"],
  lost: ["closed the connection before it answered", "try again; check the proxy settings"],
} as const satisfies Readonly<Record<string, readonly [problem: string, fix: string]>>;

/** Why a request got no answer, or none of the host it was meant for. */
export type NetworkFault = keyof typeof EXPLANATIONS;

/** Classifies what `fetch` threw, or an error caused by it; `lost` if the error is unknown. */
export function classifyNetworkError(error: unknown): NetworkError {
  const text = errorChain(error)
    .map((at) => `${at.name} ${at.message} ${"code" in at ? String(at.code) : ""}`)
    .join(" ");
  const fault = PATTERNS.find(([, pattern]) => pattern.test(text))?.[0] ?? "lost";
  return { fault, neverSent: !SENT.has(fault) };
}

/** Reports whether the fault stays until the user changes the settings. */
export function isFinalFault(fault: NetworkFault): boolean {
  return FINAL.has(fault);
}

/** Returns what answered in place of a host that speaks JSON. Kimi's own gateway sends pages with 413, 429 and 5xx. */
export function answerFault({ status, headers }: Response): "proxy" | "portal" | undefined {
  if (status === 407) return "proxy";
  if (status === 511) return "portal";
  if (status >= 500 || status === 413 || status === 429) return undefined;
  return /^text\/html\b/i.test(headers.get("content-type") ?? "") ? "portal" : undefined;
}

/** Facts of the process that change the advice. */
export interface NetworkContext {
  readonly variables?: Variables;
  /** `process.versions`; Bun and Deno have a version of Node, too. */
  readonly versions?: Variables;
}

/** What is wrong with a connection, and how to fix it; without a final period. */
interface NetworkExplanation {
  /** What is wrong, beginning with the host's name. */
  readonly problem: string;
  readonly fix: string;
}

/** Explains a fault in words for the user. */
export function explainNetworkFault(
  fault: NetworkFault,
  host: string,
  context: NetworkContext = {},
): NetworkExplanation {
  const [problem, fix] = EXPLANATIONS[fault];
  return {
    problem: `${host} ${problem}`,
    fix: !SENT.has(fault) && !FINAL.has(fault) ? ignoredProxy(context) ?? fix : fix,
  };
}

/** The line for the user: what was being done, what happened, how to fix it. */
export function networkMessage(
  doing: string,
  fault: NetworkFault,
  host: string,
  context?: NetworkContext,
): string {
  const { problem, fix } = explainNetworkFault(fault, host, context);
  return `${doing}: ${problem}: ${fix}`;
}

const PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/** Explains a proxy that is not used: Node ignores it unless told otherwise, since 22.21 and 24.5. */
export function ignoredProxy(
  { variables = {}, versions = {} }: NetworkContext,
): string | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(versions.node ?? "") ?? [];
  // Reading a variable may need a permission in Deno.
  if (major === undefined || (versions.bun ?? versions.deno) !== undefined) return undefined;
  const name = PROXY_VARIABLES.find((name) => variables[name]);
  if (name === undefined) return undefined;
  const isOld = Number(major) < 22 || (major === "22" && Number(minor) < 21);
  if (variables.NODE_USE_ENV_PROXY === "1" && !isOld) return undefined;
  return `Node does not use ${name}: set NODE_USE_ENV_PROXY=1 (Node 22.21 or newer), or run it with ` +
    "bunx or deno";
}
