/** Videos of a prompt: uploaded to Kimi, and kept by opencode as a line of text with the video's address. */

import { videoLine } from "../../../client/kept/video_markers.ts";
import { objectOf, parseObject, text } from "../../../kimi/util/json.ts";
import { VIDEO_MEMBER } from "../../kept_members.ts";
import {
  type FoundVideo,
  sendVideo,
  videoAtPath,
  type VideoDeps,
  videoInUrl,
} from "../../video.ts";
import type { MessagePart } from "../types.ts";

/** What opencode writes about an attached file that it cannot read as text. */
const CALLED = "Called the Read tool with the following input: ";
const FAILED = "Read tool failed to read ";

interface Found extends FoundVideo {
  /** Index of the part, and how many parts stand for the video. */
  readonly at: number;
  readonly count: number;
}

/** Uploads the videos of a user's message; each that is not sent becomes a line of text that says why. */
export async function sendVideos(
  deps: VideoDeps,
  parts: MessagePart[],
  refusal?: string,
): Promise<void> {
  for (const found of findVideos(deps, parts).reverse()) {
    const { at, count } = found;
    const { id, messageID, sessionID } = parts[at] ?? {};
    const sent = await sendVideo(deps, found, refusal);
    const line = typeof sent === "string"
      ? { text: sent }
      : { text: videoLine(sent.name), metadata: { [VIDEO_MEMBER]: sent } };
    parts.splice(at, count, { id, messageID, sessionID, type: "text", synthetic: true, ...line });
  }
}

function findVideos({ environment }: VideoDeps, parts: readonly MessagePart[]): Found[] {
  return parts.flatMap((part, at): Found[] => {
    const attached = attachedVideo(part);
    if (attached !== undefined) return [{ at, count: 1, ...attached }];
    const path = part.synthetic === true ? namedFile(part) : undefined;
    const named = path === undefined ? undefined : videoAtPath(environment, path);
    const next = text(parts[at + 1]?.text);
    if (named === undefined || !next?.startsWith(`${FAILED}${path} `)) return [];
    return [{ at, count: 2, ...named }];
  });
}

/** A video that a client of opencode hands over whole. */
function attachedVideo({ type, mime, url, filename }: MessagePart): FoundVideo | undefined {
  if (type !== "file" || typeof mime !== "string" || typeof url !== "string") return undefined;
  return /^video\//i.test(mime) ? videoInUrl(url, filename) : undefined;
}

function namedFile(part: MessagePart): string | undefined {
  const line = text(part.text);
  if (!line?.startsWith(CALLED)) return undefined;
  return text(objectOf(parseObject(line.slice(CALLED.length))).filePath);
}
