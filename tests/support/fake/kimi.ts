import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createCodingHost } from "./coding.ts";
import { answerControl } from "./control.ts";
import { defaultSettings } from "./answers/defaults.ts";
import { createFaultPicker, createRandom, faultAnswer } from "./faults.ts";
import { type FakeAnswer, type FakeRequest, notFound, pause } from "./http.ts";
import { refuseIdentity } from "./rules/identity.ts";
import { createOAuthHost, type OAuthHost } from "./oauth.ts";
import { createTokenStore, type IssuedTokens, type TokenStore } from "./tokens.ts";
import type { FakeSettings, Fault, RecordedRequest, RequestKind } from "./types.ts";
import { readRequest, writeAnswer } from "./rules/wire.ts";

export { CLIENT_ID, KIMI_CLI_VERSION, NEWER_USAGES, OLDER_USAGES } from "./answers/defaults.ts";
export { type IssuedTokens, TOKEN_MARKER } from "./tokens.ts";
export type * from "./types.ts";

/** Both hosts of Kimi on one loopback port. */
export interface FakeKimi extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`: the OAuth host. */
  readonly url: string;
  /** The coding API: `${url}/coding/v1`. */
  readonly apiBase: string;
  /** Every request so far, in order of arrival, except those below `/__fake/`. */
  readonly requests: readonly RecordedRequest[];
  /** Can be changed at any time. */
  readonly settings: FakeSettings;
  /** The requests of one kind. */
  requestsOf(kind: RequestKind): RecordedRequest[];
  /** Starts a chain without the device flow. `lifetime` in seconds. */
  issueTokens(options?: { lifetime?: number }): IssuedTokens;
  /** Makes all access tokens minted so far answer 401. */
  expireAccessTokens(): void;
  /** Confirms every pending device code. */
  authorizeDevice(): void;
  /** Refuses every pending device code. */
  denyDevice(): void;
  /** Empties the record. */
  forgetRequests(): void;
  /** Chains revoked because a used refresh token came back. */
  readonly revokedChains: number;
  /** Successful refreshes. */
  readonly refreshes: number;
  /** Resolves once a request of a kind has come, at once if there is one already. */
  arrival(kind: RequestKind): Promise<void>;
  /** Resolves once no answer is under way: each was sent, or its connection was closed. */
  idle(): Promise<void>;
  /** Ends the server and every connection to it. */
  close(): Promise<void>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Work = (request: FakeRequest) => FakeAnswer;

interface Serving {
  readonly settings: FakeSettings;
  readonly requests: Mutable<RecordedRequest>[];
  readonly work: Work;
  readonly control: Work;
  readonly random: () => number;
  readonly closing: AbortSignal;
  /** The ends of the answers that are under way. */
  readonly ends: Set<Promise<void>>;
  /** Called once each when a request has come. */
  readonly onArrival: (() => void)[];
  pickFault(faults: Fault[], kind: RequestKind): Fault | undefined;
}

function record(serving: Serving, request: FakeRequest, at: number): Mutable<RecordedRequest> {
  const { method, url, headers, text, kind } = request;
  const path = url.pathname + url.search;
  const noted = { at, method, path, headers, body: text, kind, status: 0, answer: "" };
  const entry = { ...noted, aborted: false };
  serving.requests.push(entry);
  return entry;
}

/** Returns the answer under a fault; `undefined` closes the connection. */
async function decide(
  serving: Serving,
  request: FakeRequest,
  fault: Fault,
  isGone: () => boolean,
): Promise<FakeAnswer | undefined> {
  const { answer, delay = 0, delayAfter = 0, work = false } = fault;
  if (delay > 0) await pause(delay, serving.closing);
  if (answer === "drop-before" || isGone()) return undefined;
  if (answer === "hang") return await new Promise(() => {});
  const fixed = typeof answer === "object" || answer === "html" ? faultAnswer(answer) : undefined;
  const real = fixed === undefined || work ? serving.work(request) : undefined;
  if (delayAfter > 0) await pause(delayAfter, serving.closing);
  return answer === "drop-after" ? undefined : fixed ?? real;
}

function addHeaders(serving: Serving, request: FakeRequest, answer: FakeAnswer): FakeAnswer {
  const { keepAlive, traceId } = serving.settings;
  const trace = { "x-trace-id": traceId ?? crypto.randomUUID().replaceAll("-", "") };
  const headers = {
    ...(request.url.pathname.startsWith("/coding/") ? trace : {}),
    ...(keepAlive ? {} : { Connection: "close" }),
    ...answer.headers,
  };
  return { ...answer, headers };
}

async function serve(
  serving: Serving,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = Date.now();
  const request = await readRequest(incoming);
  const { settings, random, closing } = serving;
  if (request.url.pathname.startsWith("/__fake/")) {
    const note = () => {};
    return writeAnswer(response, serving.control(request), { stream: {}, random, closing, note });
  }
  const entry = record(serving, request, at);
  for (const wake of serving.onArrival.splice(0)) wake();
  const { promise: end, resolve } = Promise.withResolvers<void>();
  serving.ends.add(end);
  response.once("close", () => {
    entry.aborted ||= !response.writableFinished;
    serving.ends.delete(end);
    resolve();
  });
  const fault = serving.pickFault(settings.faults, request.kind) ?? {};
  const answer = await decide(serving, request, fault, () => entry.aborted);
  if (answer === undefined) {
    response.destroy();
    return;
  }
  entry.status = answer.status;
  const decoder = new TextDecoder();
  const stream = { ...settings.stream, ...fault.stream };
  const note = (bytes: Uint8Array) => {
    entry.answer += decoder.decode(bytes, { stream: true });
  };
  const whole = addHeaders(serving, request, answer);
  await writeAnswer(response, whole, { stream, random, closing, note });
}

interface Hosts {
  readonly tokens: TokenStore;
  readonly oauth: OAuthHost;
  readonly work: Work;
}

function createHosts(settings: FakeSettings): Hosts {
  const now = () => Date.now() / 1000 + settings.clockOffset;
  const tokens = createTokenStore(now, () => settings.user);
  const oauth = createOAuthHost(settings, tokens, now);
  const coding = createCodingHost(settings, tokens);
  const work: Work = (request) => {
    if (request.kind === "other") return notFound();
    const refusal = refuseIdentity(request, settings.identity);
    const host = request.url.pathname.startsWith("/coding/") ? coding : oauth;
    return refusal ?? host.answer(request);
  };
  return { tokens, oauth, work };
}

/** Listens on a free port; returns its URL and a function that closes it. */
async function listen(
  serving: Serving,
  ending: AbortController,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((incoming, response) => {
    serve(serving, incoming, response).catch((error) => {
      if (ending.signal.aborted || response.destroyed) return;
      if (!response.headersSent) response.writeHead(500);
      response.end(`the fake itself failed: ${error?.stack}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was assigned");
  const close = async () => {
    if (ending.signal.aborted) return;
    ending.abort();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${address.port}`, close };
}

/** Starts a fake on a free port of 127.0.0.1. */
export async function startFakeKimi(changes: Partial<FakeSettings> = {}): Promise<FakeKimi> {
  const settings = { ...defaultSettings(), ...changes };
  const { tokens, oauth, work } = createHosts(settings);
  const random = createRandom(settings.seed);
  const requests: Mutable<RecordedRequest>[] = [];
  const ending = new AbortController();
  const control: Work = (request) => answerControl(fake, request);
  const pickFault = createFaultPicker(random);
  const closing = ending.signal;
  const ends = new Set<Promise<void>>();
  const onArrival: Serving["onArrival"] = [];
  const serving = {
    settings,
    requests,
    work,
    control,
    random,
    closing,
    ends,
    onArrival,
    pickFault,
  };
  const { url, close } = await listen(serving, ending);
  const fake: FakeKimi = {
    url,
    apiBase: `${url}/coding/v1`,
    requests,
    settings,
    requestsOf: (kind) => requests.filter((request) => request.kind === kind),
    issueTokens: ({ lifetime } = {}) => tokens.issue(lifetime ?? settings.tokenLifetime),
    expireAccessTokens: () => tokens.expireAll(),
    authorizeDevice: () => oauth.settle("authorized"),
    denyDevice: () => oauth.settle("denied"),
    forgetRequests: () => void requests.splice(0),
    get revokedChains() {
      return tokens.counts.revokedChains;
    },
    get refreshes() {
      return tokens.counts.refreshes;
    },
    async arrival(kind) {
      while (fake.requestsOf(kind).length === 0) {
        await new Promise<void>((resolve) => onArrival.push(resolve));
      }
    },
    async idle() {
      while (ends.size > 0) await Promise.all(ends);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return fake;
}
