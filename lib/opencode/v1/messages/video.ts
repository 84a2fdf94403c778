/** Videos of a prompt: uploaded to Kimi, and kept by opencode as a line of text with the video's address. */

import { type Uploads, uploadVideo } from "../../../client/video/upload.ts";
import { videoLine } from "../../../client/kept/video_markers.ts";
import type { ServiceAccess } from "../../../client/tools/service.ts";
import type { Environment } from "../../../client/environment.ts";
import { messageOf } from "../../../kimi/errors/kimi_error.ts";
import { MAX_VIDEO_BYTES, videoSuffix, videoTypeOf } from "../../../kimi/services/video_type.ts";
import { objectOf, parseObject, printable, text } from "../../../kimi/util/json.ts";
import type { Notice } from "../../quota_notice.ts";
import { VIDEO_MEMBER } from "../../kept_members.ts";
import type { MessagePart } from "../types.ts";

const NOTICE_MS = 5_000;

/** What opencode writes about an attached file that it cannot read as text. */
const CALLED = "Called the Read tool with the following input: ";
const FAILED = "Read tool failed to read ";

/** What uploads depend on. */
export interface VideoDeps {
  readonly environment: Pick<Environment, "readFile" | "log">;
  readonly access: ServiceAccess;
  readonly uploads: Uploads;
  readonly notify: (notice: Notice) => Promise<unknown> | undefined;
}

interface Found {
  /** Index of the part, and how many parts stand for the video. */
  readonly at: number;
  readonly count: number;
  readonly name: string;
  readonly read: () => Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Replaces the videos among the parts of a user's message. One that cannot be sent becomes a line that
 * says why.
 *
 * @param refusal Why no video may be sent to the model, if that is so.
 */
export async function sendVideos(
  deps: VideoDeps,
  parts: MessagePart[],
  refusal?: string,
): Promise<void> {
  for (const found of findVideos(deps, parts).reverse()) {
    const { at, count } = found;
    const { id, messageID, sessionID } = parts[at] ?? {};
    const line = await sent(deps, found, refusal);
    parts.splice(at, count, { id, messageID, sessionID, type: "text", synthetic: true, ...line });
  }
}

async function sent(deps: VideoDeps, { name, read }: Found, refusal: string | undefined) {
  const shown = printable(name);
  try {
    if (refusal !== undefined) throw new Error(refusal);
    tell(deps, `Uploading ${shown} to Kimi`, "info");
    const url = await uploadVideo(deps.access, deps.uploads, name, await read());
    return { text: videoLine(shown), metadata: { [VIDEO_MEMBER]: { url, name: shown } } };
  } catch (error) {
    const message = `The video ${shown} was not sent: ${messageOf(error)}`;
    deps.environment.log("warn", message);
    tell(deps, message, "warning");
    return { text: `[${message}]` };
  }
}

/** Nothing waits for what is only shown. */
function tell({ notify }: VideoDeps, message: string, variant: Notice["variant"]): void {
  try {
    notify({ title: "Kimi video", message, variant, duration: NOTICE_MS })?.catch(() => {});
  } catch {
    // A notice is not worth a failure.
  }
}

function findVideos(deps: VideoDeps, parts: readonly MessagePart[]): Found[] {
  return parts.flatMap((part, at): Found[] => {
    const attached = attachedVideo(part);
    if (attached !== undefined) return [{ at, count: 1, ...attached }];
    const path = part.synthetic === true ? namedFile(part) : undefined;
    const next = text(parts[at + 1]?.text);
    if (path === undefined || videoTypeOf(path) === undefined) return [];
    if (!next?.startsWith(`${FAILED}${path} `)) return [];
    const read = () => deps.environment.readFile(path, MAX_VIDEO_BYTES);
    return [{ at, count: 2, name: path.split(/[\\/]/).at(-1) ?? path, read }];
  });
}

/** A video that a client of opencode hands over whole. */
function attachedVideo({ type, mime, url, filename }: MessagePart) {
  if (type !== "file" || typeof mime !== "string" || typeof url !== "string") return undefined;
  const [prefix] = /^data:video\/[^,]*;base64,/i.exec(url.slice(0, 200)) ?? [];
  if (!/^video\//i.test(mime) || prefix === undefined) return undefined;
  const named = text(filename) ?? "";
  const name = videoTypeOf(named) === undefined
    ? `${named || "video"}.${videoSuffix(mime.toLowerCase()) ?? "mp4"}`
    : named;
  const read = () => Promise.resolve(decoded(url.slice(prefix.length)));
  return { name, read };
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  if (base64.length > MAX_VIDEO_BYTES * 4 / 3 + 4) throw new RangeError("it is larger than 100 MB");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function namedFile(part: MessagePart): string | undefined {
  const line = text(part.text);
  if (!line?.startsWith(CALLED)) return undefined;
  return text(objectOf(parseObject(line.slice(CALLED.length))).filePath);
}
