/**
 * What opencode 2.x keeps with the messages of a session: the spelling of tool calls, and the addresses of
 * videos. Requests are made of copies without it, so it is read from the session itself.
 */

import { type SentVideo, videoLine, videoParts } from "../../../client/kept/video_markers.ts";
import { messageOf } from "../../../kimi/errors/kimi_error.ts";
import { isObject, type JsonObject, objectOf, text } from "../../../kimi/util/json.ts";
import { ARGUMENTS_MEMBER, VIDEO_MEMBER } from "../../kept_members.ts";
import { createVideoJudge } from "../../video.ts";
import type { Core } from "../core.ts";
import type { HostContext } from "../types.ts";

/** A tool call of a session, and how the model spelled its arguments. */
type Call = readonly [id: string, text: string | undefined];

/** What is kept with a session. */
interface Kept {
  readonly calls: readonly Call[];
  readonly videos: readonly SentVideo[];
}

/** A request of a session. */
export interface SessionRequest {
  readonly sessionID: string;
  readonly kind: string;
  /** The `prompt_cache_key` that it is sent with; a forked session has its root's. */
  readonly cacheKey: string;
}

/** The kept parts of the sessions of one folder. */
export interface History {
  /** Puts into a native body what is kept with its session; never fails. */
  readonly use: (body: JsonObject, request: SessionRequest) => Promise<JsonObject>;
  /** The `prompt_cache_key` of a session's last request. */
  readonly cacheKeyOf: (sessionID: string) => string;
}

/** Sessions that are remembered. */
const MAX_SESSIONS = 64;

const NOTHING: Kept = { calls: [], videos: [] };

/** The line that stands in the text of a prompt for a video, in which nothing else has its address. */
export function addressedLine({ name, url }: SentVideo): string {
  return `${videoLine(name).slice(0, -1)} (${url})]`;
}

const ANY_LINE = /\[Video: [^\n]* \(ms:\/\/[^)\s]+\)\]/;

/** Makes it. */
export function createHistory(
  { session }: HostContext,
  { environment, provider, options: { client } }: Core,
): History {
  const known = new Map<string, Kept>();
  const cacheKeys = new Map<string, string>();

  async function read(sessionID: string): Promise<Kept> {
    try {
      const kept = keptIn(await session.context?.({ sessionID }));
      remember(known, sessionID, kept);
      return kept;
    } catch (error) {
      environment.log("warn", `What was kept of a session is lost: ${messageOf(error)}`);
      return known.get(sessionID) ?? NOTHING;
    }
  }

  return {
    cacheKeyOf: (sessionID) => cacheKeys.get(sessionID) ?? sessionID,
    async use(body, { sessionID, kind, cacheKey }) {
      remember(cacheKeys, sessionID, cacheKey);
      // Known from now on, so that the answer's calls are noted.
      const { spellings } = await provider.kept();
      const messages = Array.isArray(body.messages) ? body.messages : [];
      const ids = client === "kimi-cli" ? callIds(messages) : [];
      const hasVideos = kind !== "title" && messages.some(hasLine);
      if (ids.length === 0 && !hasVideos) return body;
      let kept = known.get(sessionID);
      if (kept === undefined || !isOf(kept, ids) || (hasVideos && !placesAll(kept, messages))) {
        kept = await read(sessionID);
      }
      spellings.note(cacheKey, kept.calls);
      if (!hasVideos) return body;
      const videos = kept.videos.filter(await createVideoJudge(provider.tokens));
      return { ...body, messages: messages.map((each) => placed(each, videos)) };
    },
  };
}

function remember<Value>(map: Map<string, Value>, sessionID: string, value: Value): void {
  map.delete(sessionID);
  map.set(sessionID, value);
  const [oldest] = map.keys();
  if (map.size > MAX_SESSIONS && oldest !== undefined) map.delete(oldest);
}

/** Reads messages as `session.context` gives them. Source: schema `session-message.ts`. */
function keptIn(answer: unknown): Kept {
  const { data } = objectOf(answer);
  const messages = (Array.isArray(answer) ? answer : Array.isArray(data) ? data : []).map(objectOf);
  const calls: Call[] = [];
  const videos: SentVideo[] = [];
  for (const { type, content, metadata } of messages) {
    const sent = objectOf(metadata)[VIDEO_MEMBER];
    if (type === "user" && Array.isArray(sent)) videos.push(...sent.filter(isSentVideo));
    if (type !== "assistant" || !Array.isArray(content)) continue;
    for (const { type, id, state } of content.map(objectOf)) {
      if (type !== "tool" || typeof id !== "string") continue;
      calls.push([id, text(objectOf(objectOf(state).metadata)[ARGUMENTS_MEMBER])]);
    }
  }
  return { calls, videos };
}

function isSentVideo(value: unknown): value is SentVideo {
  return isObject(value) && typeof value.name === "string" && typeof value.url === "string";
}

/** The ids of the calls of a native body, in their order. */
function callIds(messages: readonly unknown[]): readonly unknown[] {
  return messages.flatMap((message) => {
    const { tool_calls: calls } = objectOf(message);
    return Array.isArray(calls) ? calls.map((call) => objectOf(call).id) : [];
  });
}

/** Whether these are all calls of a session, and nothing has been added since. */
function isOf({ calls }: Kept, ids: readonly unknown[]): boolean {
  return calls.length === ids.length && calls.every(([id], index) => id === ids[index]);
}

/** The texts of a user's message. */
function textsOf(message: unknown): readonly string[] {
  const { role, content } = objectOf(message);
  if (role !== "user") return [];
  if (!Array.isArray(content)) return typeof content === "string" ? [content] : [];
  return content.flatMap((part) => text(objectOf(part).text) ?? []);
}

function hasLine(message: unknown): boolean {
  return textsOf(message).some((text) => ANY_LINE.test(text));
}

function placesAll({ videos }: Kept, messages: readonly unknown[]): boolean {
  const lines = videos.map(addressedLine);
  return messages.flatMap(textsOf).every((text) =>
    !ANY_LINE.test(lines.reduce((rest, line) => rest.replaceAll(line, ""), text))
  );
}

/** Makes parts of the lines of a message that stand for videos. */
function placed(message: unknown, videos: readonly SentVideo[]): unknown {
  if (!isObject(message) || !hasLine(message)) return message;
  const { content } = message;
  const parts: readonly unknown[] = Array.isArray(content)
    ? content
    : [{ type: "text", text: content }];
  const made = parts.flatMap((part) => {
    const whole = text(objectOf(part).text);
    return whole === undefined ? [part] : split(whole, videos) ?? [part];
  });
  return { ...message, content: made };
}

function split(whole: string, videos: readonly SentVideo[]): readonly unknown[] | undefined {
  for (const video of videos) {
    const line = addressedLine(video);
    const at = whole.indexOf(line);
    if (at === -1) continue;
    const rest = (piece: string) =>
      split(piece, videos) ?? (piece === "" ? [] : [{ type: "text", text: piece }]);
    const before = whole.slice(0, at).replace(/\n\n$/, "");
    return [...rest(before), ...videoParts(video), ...rest(whole.slice(at + line.length))];
  }
  return undefined;
}
