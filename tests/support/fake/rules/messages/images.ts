/**
 * What kimi-code 2.1.0 sends to Kimi. MoonshotAI/kimi-cli#2017 and #2367 have the refusal of
 * another type, MoonshotAI/kimi-cli#1066 and #1076 that of bytes that Kimi cannot decode.
 */
const IMAGES: Readonly<Record<string, (bytes: string) => boolean>> = {
  png: (bytes) => bytes.startsWith("\x89PNG\r\n\x1a\n"),
  jpeg: isJpeg,
  jpg: isJpeg,
  gif: (bytes) => /^GIF8[79]a/.test(bytes),
  webp: (bytes) => /^RIFF.{4}WEBP/s.test(bytes),
  bmp: (bytes) => bytes.startsWith("BM"),
  heic: isHeif,
  heif: isHeif,
};

function isJpeg(bytes: string): boolean {
  return bytes.startsWith("\xff\xd8\xff");
}

/** One container with several brands; AVIF has it too, with brands of its own. */
function isHeif(bytes: string): boolean {
  return /^.{4}ftyp(hei[cxms]|hev[cxms]|mif1|msf1)/s.test(bytes);
}

/** The first 32 bytes of a text in base64, a character each; undefined if it is not base64. */
function firstBytes(data: string): string | undefined {
  try {
    return atob(data.slice(0, 44)).slice(0, 32);
  } catch {
    return undefined;
  }
}

/** Why the service would refuse an image. */
export function refuseImage(url: unknown): string | undefined {
  if (typeof url === "string" && url.startsWith("ms://")) return undefined;
  const start = String(url).slice(0, 100);
  const head = /^data:image\/([^;,]+)(?:;[^;,]+)*;base64,/.exec(start);
  if (typeof url !== "string" || head === null) {
    return `Invalid request: unsupported image url: ${start.slice(0, 60)}`;
  }
  const [before, type = ""] = head;
  if (!Object.hasOwn(IMAGES, type)) {
    return `Invalid request: unsupported image format: image/${type}`;
  }
  const bytes = firstBytes(url.slice(before.length));
  if (bytes !== undefined && IMAGES[type]?.(bytes)) return undefined;
  return "Invalid request: prepare image failed error, status code: 400, message: failed to decode " +
    `image: the data is not image/${type}`;
}
