/** Types of videos, by the first bytes and by the names of files. Source: kimi-cli 1.51.0 `tools/file/utils.py`. */

/** A larger file is not uploaded. Source: kimi-cli 1.51.0 `tools/file/read_media.py`. */
export const MAX_VIDEO_BYTES = 100 * 1024 * 1024;

const BY_SUFFIX: ReadonlyMap<string, string> = new Map([
  ["mp4", "video/mp4"],
  ["mkv", "video/x-matroska"],
  ["avi", "video/x-msvideo"],
  ["mov", "video/quicktime"],
  ["wmv", "video/x-ms-wmv"],
  ["webm", "video/webm"],
  ["m4v", "video/x-m4v"],
  ["flv", "video/x-flv"],
  ["3gp", "video/3gpp"],
  ["3g2", "video/3gpp2"],
]);

/** Beginnings of files, as Latin-1, and the type where that is not told by the name. */
const HEADERS: readonly RegExp[] = [
  /^....ftyp(?!avif|avis|hei|hev|mif1|msf1)/s,
  /^....(?:moov|mdat|wide|free|skip|pnot)/s,
  /^RIFF....AVI /s,
  /^FLV/,
  /^\x30\x26\xb2\x75/,
  // deno-lint-ignore no-control-regex
  /^\x1a\x45\xdf\xa3/,
];

/** The type that the name of a file says; `undefined` if that is no video's. */
export function videoTypeOf(name: string): string | undefined {
  return BY_SUFFIX.get(/\.([a-z\d]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "");
}

/** The ending for a type, with which kimi-cli names an upload. */
export function videoSuffix(type: string): string | undefined {
  return [...BY_SUFFIX].find(([, known]) => known === type)?.[0];
}

/** Whether data begins as a video does. */
export function isVideo(data: Uint8Array): boolean {
  const head = String.fromCharCode(...data.subarray(0, 16));
  return HEADERS.some((header) => header.test(head));
}
