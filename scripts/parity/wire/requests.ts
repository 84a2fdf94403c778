/** Compares two requests of the same kind, whose texts, ids and tokens differ. */

import { USER_AGENTS } from "../../../lib/kimi/identity/constants.ts";
import { isObject } from "../../../lib/kimi/util/json.ts";
import {
  type RecordedRequest,
  type RequestKind,
  TOKEN_MARKER,
} from "../../../tests/support/fake/kimi.ts";
import {
  PINNED,
  type RealClient,
  type RealClientName,
} from "../../../tests/support/clients/real_client.ts";
import type { Pair } from "../run.ts";
import type { DeviationId } from "../../../lib/kimi/deviations.ts";

export type OnDeviation = (id: DeviationId, seen: string) => void;

const NOT_CHAT: readonly RequestKind[] = ["device", "poll", "refresh", "models"];

/** Intended differences between two headers; "" is an absent header. */
type Tolerance = readonly [
  deviation: DeviationId,
  kinds: readonly RequestKind[],
  header: RegExp,
  theirs: RegExp,
  ours: RegExp,
];

const STAINLESS: Tolerance = ["stainless", ["chat"], /^x-stainless-[a-z-]+$/, /./, /^$/];

const TOLERANCES: Readonly<Record<RealClientName, readonly Tolerance[]>> = {
  "kimi-cli": [
    [
      "user-agent",
      NOT_CHAT,
      /^user-agent$/,
      /^Python\/[\d.]+ aiohttp\/[\d.]+$/,
      new RegExp(`^${RegExp.escape(USER_AGENTS["kimi-cli"])}$`),
    ],
    ["accept", NOT_CHAT, /^accept$/, /^\*\/\*$/, /^application\/json$/],
    STAINLESS,
  ],
  "kimi-code": [STAINLESS, ["listing", ["models"], /^x-msh-[a-z-]+$/, /./, /^$/]],
};

/** Headers that the runtime's HTTP client writes. */
const TRANSPORT: Readonly<Record<RealClientName, RegExp>> = {
  "kimi-cli": /^(host|connection|accept-encoding|content-length)$/,
  "kimi-code": /^(host|connection|accept-encoding|content-length|accept-language|sec-fetch-mode)$/,
};

/** Pairs of method and path, of the headers, and of what `body` returns for the two requests. */
export function requestPairs(
  client: Pick<RealClient, "name" | "version">,
  theirs: RecordedRequest,
  ours: RecordedRequest,
  body: (request: RecordedRequest) => string,
  onDeviation: OnDeviation,
): readonly Pair[] {
  const line = ({ method, path }: RecordedRequest) => `${method} ${path}`;
  return [
    { name: "method and path", theirs: line(theirs), ours: line(ours) },
    headerPair(client, theirs, ours, onDeviation),
    { name: "body", theirs: body(theirs), ours: body(ours) },
  ];
}

/** A form without the values that the service chose, and without our scope. */
export function formOf(onDeviation: OnDeviation): (request: RecordedRequest) => string {
  return ({ kind, body }) => {
    const known = body.replace(/\b(device_code|refresh_token)=[^&]+/g, "$1=<of the service>");
    const without = kind === "device" ? known.replace(/&scope=kimi-code$/, "") : known;
    if (without !== known) onDeviation("scope", "the device authorization");
    return without;
  };
}

/** Compares headers in any order: the transport chooses it. */
function headerPair(
  client: Pick<RealClient, "name" | "version">,
  theirs: RecordedRequest,
  ours: RecordedRequest,
  onDeviation: OnDeviation,
): Pair {
  const a = headersOf(client, theirs);
  const b = headersOf({ ...client, version: PINNED[client.name] }, ours);
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const [one, two] = [a.get(name)?.value ?? "", b.get(name)?.value ?? ""];
    const deviation = TRANSPORT[client.name].test(name)
      ? "transport"
      : TOLERANCES[client.name].find(
        ([_, kinds, header, first, second]) =>
          kinds.includes(theirs.kind) && header.test(name) && first.test(one) && second.test(two),
      )?.[0];
    if (deviation === undefined) continue;
    a.delete(name);
    b.delete(name);
    if (one !== two) onDeviation(deviation, theirs.kind);
  }
  return { name: "headers", theirs: said(a), ours: said(b) };
}

interface Header {
  readonly name: string;
  readonly value: string;
}

/**
 * The headers by their names in lower case; values of a repeated name are joined. kimi-code writes
 * some names in lower case, as HTTP/2 does with all.
 */
function headersOf(
  { name: client, version }: Pick<RealClient, "name" | "version">,
  { headers }: RecordedRequest,
): Map<string, Header> {
  const found = new Map<string, Header>();
  for (const [name, given] of headers) {
    const known = /^Bearer \S+$/.test(given) && given.includes(TOKEN_MARKER);
    const shownValue = version === PINNED[client]
      ? given
      : given.replaceAll(version, PINNED[client]);
    const value = known ? "Bearer <access token>" : shownValue;
    const earlier = found.get(name.toLowerCase());
    const all = earlier === undefined ? value : `${earlier.value}, ${value}`;
    const shown = client === "kimi-code" ? name.toLowerCase() : name;
    found.set(name.toLowerCase(), { name: shown, value: all });
  }
  return found;
}

function said(headers: ReadonlyMap<string, Header>): string {
  return [...headers.values()].map(({ name, value }) => `${name}: ${value}`).sort().join("\n");
}

/** Members whose values must be equal. */
const LITERAL = new Set([
  "type",
  "model",
  "stream",
  "stream_options",
  "thinking",
  "reasoning_effort",
  "role",
]);

/**
 * The shape of a chat body: order of the keys at every level, the type of every value, and the value
 * itself unless it depends on the conversation. Messages of one shape, and tools of one, count once.
 */
export function shapeOf({ body }: RecordedRequest): string {
  const parsed: unknown = JSON.parse(body);
  return shape(parsed, "");
}

function shape(value: unknown, key: string): string {
  if (LITERAL.has(key)) return JSON.stringify(value);
  if (key === "parameters" || key === "arguments") return typeof value;
  if (key === "content") return contentShape(value);
  if (Array.isArray(value)) {
    const forms = new Set(value.map((item) => shape(item, "")));
    return `[${[...forms].sort().join(", ")}]`;
  }
  if (isObject(value)) {
    const members = Object.entries(value).map(([name, item]) => `${name}: ${shape(item, name)}`);
    return `{${members.join(", ")}}`;
  }
  return Number.isInteger(value) ? "integer" : typeof value;
}

/** One text or several: kimi-cli adds remarks of its own to a tool's output. */
function contentShape(value: unknown): string {
  if (typeof value === "string") return "text";
  if (!Array.isArray(value)) return typeof value;
  const forms = new Set(value.map((part) => shape(part, "")));
  return [...forms].join() === '{type: "text", text: string}' ? "text" : `[${[...forms].join()}]`;
}
