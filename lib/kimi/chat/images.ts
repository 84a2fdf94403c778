/**
 * Images that the service refuses. One that was sent would be refused again with each later request of
 * its conversation.
 *
 * @see https://platform.kimi.com/docs/guide/use-kimi-vision-model: no URLs, no request over 100 MB
 * @see https://github.com/MoonshotAI/kimi-cli/issues/2017: "unsupported image format: image/x-icon"
 */

/** Source: kimi-code `agent-core-v2/src/human/llm/media/image-formats.ts`. */
const TAKEN: ReadonlySet<string> = new Set(["png", "jpeg", "gif", "webp", "bmp", "heic", "heif"]);

/** No request may be larger, in bytes. */
export const MAX_REQUEST_BYTES = 100 * 1024 * 1024;

/** Base64 of the first bytes, enough for each kind of header. */
const HEADER_CHARACTERS = 44;

/** Beginnings of files, as Latin-1. */
const HEADERS: readonly (readonly [type: string, header: RegExp])[] = [
  ["png", /^\x89PNG/],
  ["jpeg", /^\xff\xd8\xff/],
  ["gif", /^GIF8[79]a/],
  // deno-lint-ignore no-control-regex
  ["webp", /^RIFF[\x00-\xff]{4}WEBP/],
  ["bmp", /^BM/],
  // deno-lint-ignore no-control-regex
  ["heic", /^[\x00-\xff]{4}ftyp(?:heic|heix|hevc|hevx|heim|heis)/],
  // deno-lint-ignore no-control-regex
  ["heif", /^[\x00-\xff]{4}ftyp(?:mif1|msf1)/],
];

/** What becomes of an image. */
export type JudgedImage =
  | { readonly url: string }
  /** A line of text that stands in its place. */
  | { readonly refused: string };

/**
 * Judges an image by the first bytes of its data.
 *
 * @param url The URL of an `image_url` part.
 * @returns The URL with the type that the data has, or why the service would refuse the image.
 */
export function judgeImage(url: string): JudgedImage {
  const head = url.slice(0, 200);
  if (head.startsWith("ms://")) return { url };
  const [prefix, type = "", isBase64] = /^data:([^;,]*)[^,]*?(;base64)?,/i.exec(head) ?? [];
  if (prefix === undefined) return { refused: refusal("given by URL") };
  const header = isBase64 === undefined ? "" : decoded(url, prefix.length);
  const found = HEADERS.find(([, pattern]) => pattern.test(header))?.[0];
  if (found === undefined) {
    const name = type.replace(/^image\//i, "").toLowerCase();
    const isTaken = TAKEN.has(name) || name === "jpg";
    return {
      refused: refusal(isTaken ? `whose data is not ${name}` : `of the type ${type || "unknown"}`),
    };
  }
  if (isNamed(type, found)) return { url };
  return { url: `data:image/${found};base64,${url.slice(prefix.length)}` };
}

function decoded(url: string, start: number): string {
  try {
    const text = url.slice(start, start + HEADER_CHARACTERS);
    return atob(text.slice(0, text.length - text.length % 4) || "!");
  } catch {
    return "";
  }
}

/** Whether a type is one of the names that the data's own type goes by. */
function isNamed(type: string, found: string): boolean {
  if (found === "heic" || found === "heif") return /^image\/hei[cf]$/.test(type);
  return type === `image/${found}` || (found === "jpeg" && type === "image/jpg");
}

function refusal(what: string): string {
  return `an image ${what} was left out: Kimi takes png, jpeg, gif, webp, bmp, heic and heif`;
}
