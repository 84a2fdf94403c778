import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { judgeImage } from "../../../lib/kimi/chat/images.ts";

function dataUrl(type: string, header: string): string {
  return `data:${type};base64,${btoa(header.padEnd(60, "\0"))}`;
}

const PNG = "\x89PNG\r\n\x1a\n";
const JPEG = "\xff\xd8\xff\xe0";
const TAKEN: readonly (readonly [type: string, header: string])[] = [
  ["image/png", PNG],
  ["image/jpeg", JPEG],
  ["image/jpg", JPEG],
  ["image/gif", "GIF89a"],
  ["image/webp", "RIFF\x10\0\0\0WEBP"],
  ["image/bmp", "BM"],
  ["image/heic", "\0\0\0\x18ftypheic"],
  ["image/heif", "\0\0\0\x18ftypmif1"],
];

for (const [type, header] of TAKEN) {
  Deno.test(`judgeImage() passes on ${type} as it is`, () => {
    const url = dataUrl(type, header);
    assertEquals(judgeImage(url), { url });
  });
}

Deno.test("judgeImage() gives an image the type of its data", () => {
  const rest = dataUrl("image/png", JPEG).slice("data:image/png".length);
  assertEquals(judgeImage(`data:image/png${rest}`), { url: `data:image/jpeg${rest}` });
  const png = dataUrl("application/octet-stream", PNG);
  assertEquals(judgeImage(png), { url: dataUrl("image/png", PNG) });
});

const REFUSED: readonly (readonly [name: string, url: string, why: string])[] = [
  ["a web page", dataUrl("image/png", "<!doctype html>"), "an image whose data is not png"],
  ["avif", dataUrl("image/png", "\0\0\0\x1cftypavif"), "an image whose data is not png"],
  ["svg", dataUrl("image/svg+xml", "<svg"), "an image of the type image/svg+xml"],
  ["no data", "data:image/png;base64,", "an image whose data is not png"],
  ["broken base64", "data:image/png;base64,*", "an image whose data is not png"],
  ["an address", "https://example.com/a.png", "an image by its address"],
];

for (const [name, url, why] of REFUSED) {
  Deno.test(`judgeImage() refuses ${name}`, () => {
    const judged = judgeImage(url);
    assert("refused" in judged);
    assertStringIncludes(judged.refused, `${why} was left out`);
  });
}

Deno.test("judgeImage() passes on a file that was uploaded", () => {
  assertEquals(judgeImage("ms://file-1"), { url: "ms://file-1" });
});
