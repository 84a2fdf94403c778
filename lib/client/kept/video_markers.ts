/** Texts that stand for videos, from a host's messages to the body of a request. */

import { isObject, type JsonObject } from "../../kimi/util/json.ts";
import { TEXT_ONLY } from "./text_only.ts";

/** A video that was uploaded. */
export interface SentVideo {
  /** `ms://` and the id of the file. */
  readonly url: string;
  /** The name of the file. */
  readonly name: string;
  /** The account that sent it, which alone can show it to a model. */
  readonly account?: string;
}

/** The line of text that stands for a video. */
export function videoLine(name: string): string {
  return `[Video: ${name}]`;
}

/** Writes markers, and replaces them by videos. */
export interface VideoMarkers {
  readonly mark: (video: SentVideo) => string;
  /** Replaces the markers in user messages; returns a body without markers as it is. */
  readonly place: (body: JsonObject) => JsonObject;
}

/** Creates the markers of one process; `secret` must not occur in other texts. */
export function createVideoMarkers(secret: string): VideoMarkers {
  const begin = `<kimi-video ${secret} `;
  const partsOf = (text: unknown, isTextOnly: boolean): readonly JsonObject[] | undefined => {
    if (typeof text !== "string" || !text.startsWith(begin)) return undefined;
    const [url = "", ...name] = text.slice(begin.length, -1).split(" ");
    const video = { url, name: name.join(" ") };
    return isTextOnly ? [{ type: "text", text: videoLine(video.name) }] : videoParts(video);
  };
  const placed = (message: unknown, isTextOnly: boolean): unknown => {
    if (!isObject(message) || message.role !== "user") return message;
    const { content } = message;
    const parts: readonly unknown[] = Array.isArray(content) ? content : [{ text: content }];
    if (!parts.some((part) => isObject(part) && partsOf(part.text, isTextOnly))) return message;
    const made = parts.flatMap((part): readonly unknown[] =>
      (isObject(part) ? partsOf(part.text, isTextOnly) : undefined) ?? [part]
    );
    return { ...message, content: made };
  };
  let isMarked = false;
  return {
    mark({ url, name }) {
      isMarked = true;
      return `${begin}${url} ${name}>`;
    },
    place(body) {
      const { messages } = body;
      if (!isMarked || !Array.isArray(messages)) return body;
      const made = messages.map((message) => placed(message, body[TEXT_ONLY] === true));
      return made.every((message, at) => message === messages[at])
        ? body
        : { ...body, messages: made };
    },
  };
}

/** Source: Python's `html.escape`. */
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#x27;",
};

/** As kimi-cli 1.51.0 wraps a video: `utils/media_tags.py`. */
export function videoParts({ url, name }: SentVideo): readonly JsonObject[] {
  const path = name.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
  return [
    { type: "text", text: `<video path="${path}">` },
    { type: "video_url", video_url: { url } },
    { type: "text", text: "</video>" },
  ];
}
