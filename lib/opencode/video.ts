/** Videos that a host hands over: read from where they are, and sent to Kimi. */

import type { Environment } from "../client/environment.ts";
import type { SentVideo } from "../client/kept/video_markers.ts";
import type { ServiceAccess } from "../client/tools/service.ts";
import { type Uploads, uploadVideo } from "../client/video/upload.ts";
import type { TokenManager } from "../client/tokens/token_manager.ts";
import { messageOf } from "../kimi/errors/kimi_error.ts";
import { MAX_VIDEO_BYTES, videoSuffix, videoTypeOf } from "../kimi/services/video_type.ts";
import { printable, text } from "../kimi/util/json.ts";
import { accountId } from "../kimi/util/jwt.ts";
import type { Notice } from "./quota_notice.ts";

const NOTICE_MS = 5_000;

/** What uploads depend on. */
export interface VideoDeps {
  readonly environment: Pick<Environment, "readFile" | "log">;
  readonly access: ServiceAccess;
  readonly uploads: Uploads;
  readonly notify: (notice: Notice) => Promise<unknown> | undefined;
}

/** A video, wherever its data is. */
export interface FoundVideo {
  readonly name: string;
  readonly read: () => Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Uploads a video. One that cannot be sent gives a line that says why.
 *
 * @param refusal Why no video may be sent to the model, if that is so.
 */
export async function sendVideo(
  deps: VideoDeps,
  { name, read }: FoundVideo,
  refusal: string | undefined,
): Promise<SentVideo | string> {
  const shown = printable(name);
  try {
    if (refusal !== undefined) throw new Error(refusal);
    tell(deps, `Uploading ${shown} to Kimi`, "info");
    const url = await uploadVideo(deps.access, deps.uploads, name, await read());
    const account = accountId((await deps.access.tokens.current()).access);
    return { url, name: shown, ...(account === "" ? {} : { account }) };
  } catch (error) {
    const message = `The video ${shown} was not sent: ${messageOf(error)}`;
    deps.environment.log("warn", message);
    tell(deps, message, "warning");
    return `[${message}]`;
  }
}

/** Tells which videos the login in use can show: Kimi refuses a request with another account's. */
export async function createVideoJudge(
  { stored }: Pick<TokenManager, "stored">,
): Promise<(video: SentVideo) => boolean> {
  const login = await stored().catch(() => undefined);
  const own = accountId(login?.access ?? "");
  return ({ account }) => account === undefined || own === "" || account === own;
}

/** Nothing waits for what is only shown. */
function tell({ notify }: VideoDeps, message: string, variant: Notice["variant"]): void {
  try {
    notify({ title: "Kimi video", message, variant, duration: NOTICE_MS })?.catch(() => {});
  } catch {
    // A notice is not worth a failure.
  }
}

/** The video in a `data:` URL; `undefined` if it is something else. */
export function videoInUrl(url: string, filename: unknown): FoundVideo | undefined {
  const [prefix, type = ""] = /^data:(video\/[^,;]*)[^,]*;base64,/i.exec(url.slice(0, 200)) ?? [];
  if (prefix === undefined) return undefined;
  const named = text(filename) ?? "";
  const name = videoTypeOf(named) === undefined
    ? `${named || "video"}.${videoSuffix(type.toLowerCase()) ?? "mp4"}`
    : named;
  return { name, read: () => Promise.resolve(decoded(url.slice(prefix.length))) };
}

/** The video at a path; `undefined` if its name is no video's. */
export function videoAtPath(
  { readFile }: Pick<Environment, "readFile">,
  path: string,
): FoundVideo | undefined {
  if (videoTypeOf(path) === undefined) return undefined;
  const name = path.split(/[\\/]/).at(-1) ?? path;
  return { name, read: () => readFile(path, MAX_VIDEO_BYTES) };
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  if (base64.length > MAX_VIDEO_BYTES * 4 / 3 + 4) throw new RangeError("it is larger than 100 MB");
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  // Uint8Array.from takes Bun 15 times as long: 7 s for 100 MB, in which opencode stands still.
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
