import { assertEquals } from "@std/assert";
import { isVideo, videoSuffix, videoTypeOf } from "../../../lib/kimi/services/video_type.ts";

for (
  const [name, type] of [
    ["clip.mp4", "video/mp4"],
    ["/a b/C.MOV", "video/quicktime"],
    ["a.tar.webm", "video/webm"],
    ["a.ts", undefined],
    ["mp4", undefined],
    ["a.mp4/b", undefined],
    ["a.constructor", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`videoTypeOf() gives ${type} for "${name}"`, () => {
    assertEquals(videoTypeOf(name), type);
  });
}

Deno.test("videoSuffix() gives the ending of a type", () => {
  assertEquals(videoSuffix("video/x-matroska"), "mkv");
  assertEquals(videoSuffix("video/unknown"), undefined);
});

for (
  const [what, begin, expected] of [
    ["mp4", "\0\0\0\x18ftypisom", true],
    ["mov without ftyp", "\0\0\0\x08moov", true],
    ["avi", "RIFF\x01\x02\x03\x04AVI LIST", true],
    ["flv", "FLV\x01", true],
    ["wmv", "\x30\x26\xb2\x75\x8e\x66", true],
    ["webm", "\x1a\x45\xdf\xa3", true],
    ["heic", "\0\0\0\x18ftypheic", false],
    ["wav", "RIFF\x01\x02\x03\x04WAVE", false],
    ["text", "hello, this is text", false],
    ["nothing", "", false],
  ] as const
) {
  Deno.test(`isVideo() is ${expected} for the beginning of ${what}`, () => {
    assertEquals(isVideo(Uint8Array.from(begin, (c) => c.charCodeAt(0))), expected);
  });
}
