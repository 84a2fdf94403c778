import { assertEquals } from "@std/assert";
import { refusal } from "../refusal.ts";

function shown(url: unknown): string | undefined {
  const content = [{ type: "image_url", image_url: { url } }];
  return refusal({ messages: [{ role: "user", content }] });
}

function data(type: string, bytes: string): string {
  return `data:${type};base64,${btoa(bytes)}`;
}

function undecoded(type: string): string {
  return "Invalid request: prepare image failed error, status code: 400, message: failed to decode " +
    `image: the data is not ${type}`;
}

/** How files of each type begin. */
const BEGINNINGS: readonly (readonly [type: string, bytes: string])[] = [
  ["image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
  ["image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF\0"],
  ["image/gif", "GIF87a\x01\0\x01\0"],
  ["image/gif", "GIF89a\x01\0\x01\0"],
  ["image/webp", "RIFF\x1a\0\0\0WEBPVP8 "],
  ["image/bmp", "BM\x3a\0\0\0"],
  ["image/heic", "\0\0\0\x18ftypheic\0\0\0\0"],
  ["image/heif", "\0\0\0\x18ftypmif1\0\0\0\0"],
];

Deno.test("an image is taken if its bytes are of its type", () => {
  for (const [type, bytes] of BEGINNINGS) {
    assertEquals(shown(data(type, bytes)), undefined, type);
    assertEquals(shown(data(type, bytes.padEnd(4096, "\0"))), undefined, type);
  }
  assertEquals(shown(data("image/jpg", "\xff\xd8\xff\xe1")), undefined);
  assertEquals(shown(data("image/png;name=a.png", "\x89PNG\r\n\x1a\n")), undefined);
  assertEquals(shown("ms://file-id"), undefined);
});

Deno.test("an image is refused if its bytes are of another type", () => {
  const family = (type: string) => type.replace("heif", "heic");
  for (const [type] of BEGINNINGS) {
    for (const [other, bytes] of BEGINNINGS) {
      if (family(type) === family(other)) continue;
      assertEquals(shown(data(type, bytes)), undecoded(type), other);
    }
    const odd = ["<!doctype html>", "<svg/>", "\0\0\0\x1cftypavif", "II*\0", "\0\0\x01\0", "AAAA"];
    for (const bytes of odd) assertEquals(shown(data(type, bytes)), undecoded(type));
  }
});

Deno.test("an image without data, or with data that is not base64, is refused", () => {
  assertEquals(shown("data:image/png;base64,"), undecoded("image/png"));
  assertEquals(shown("data:image/png;base64,AAAA"), undecoded("image/png"));
  assertEquals(shown("data:image/png;base64,?"), undecoded("image/png"));
});

Deno.test("an image of another type, or at another place than the request, is refused", () => {
  for (const type of ["image/x-icon", "image/svg+xml", "image/avif", "image/tiff", "image/PNG"]) {
    assertEquals(shown(data(type, "AAAA")), `Invalid request: unsupported image format: ${type}`);
  }
  for (const url of ["https://x/a.png", "file:///a.png", "data:x", "data:image/png,abc", "", 7]) {
    assertEquals(shown(url), `Invalid request: unsupported image url: ${url}`);
  }
});
