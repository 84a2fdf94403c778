import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { judgeImage, MAX_REQUEST_BYTES } from "../../../lib/kimi/chat/images.ts";
import { convert, sent } from "../../support/vectors.ts";
import { retried } from "../../support/opencode/retry.ts";

function part(url: string) {
  return { type: "image_url", image_url: { url } };
}

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
  ["zeros", dataUrl("image/png", "\0"), "an image whose data is not png"],
  ["broken base64", "data:image/png;base64,*", "an image whose data is not png"],
  ["an address", "https://example.com/a.png", "an image given by URL"],
];

for (const [name, url, why] of REFUSED) {
  Deno.test(`judgeImage() refuses ${name}`, () => {
    const judged = judgeImage(url);
    assert("refused" in judged);
    assertStringIncludes(judged.refused, `${why} was left out`);
    assert(!retried(judged.refused));
  });
}

Deno.test("judgeImage() passes on a file that was uploaded to Kimi", () => {
  assertEquals(judgeImage("ms://file-1"), { url: "ms://file-1" });
});

Deno.test("judgeImage() refuses a URL that Kimi cannot open, and data of an unknown type", () => {
  for (const url of ["u", "", "file:///tmp/a.png", "data:,", "data:;base64,AAAA"]) {
    assert("refused" in judgeImage(url), url);
  }
});

Deno.test("judgeImage() writes the type in small letters", () => {
  const url = dataUrl("image/PNG", PNG);
  assertEquals(judgeImage(url), { url: url.replace("PNG", "png") });
  assertEquals(judgeImage(url.replace("image/PNG", "")), { url: url.replace("PNG", "png") });
});

Deno.test("contract 2: a refused image is replaced by a line and noted once", () => {
  const icon = part(dataUrl("image/x-icon", "\0\0\x01\0"));
  for (const role of ["user"]) {
    const message = {
      role,
      content: [{ type: "text", text: "see" }, icon, part(dataUrl("image/png", PNG))],
    };
    const { body, notes } = convert({ messages: [message, message] });
    const [first] = Array.isArray(body.messages) ? body.messages : [];
    assertEquals(first.content.map(({ type }: { readonly type: string }) => type), [
      "text",
      "text",
      "image_url",
    ]);
    assertMatch(
      first.content[1].text,
      /^\[an image of the type image\/x-icon was left out: [^\n]+\]$/,
    );
    assertEquals(notes.length, 1);
  }
  assertMatch(sent({ messages: [{ role: "user", content: [icon] }] }), /"content":"\[an image of/);
});

Deno.test("contract 2: images of user and tool messages are sent as kimi-cli sends them", () => {
  const png = dataUrl("image/png", PNG);
  const want = `{"type":"image_url","image_url":{"url":"${png}","id":null}}`;
  for (const role of ["user"]) {
    assert(sent({ messages: [{ role, content: [part(png)] }] }).includes(`"content":[${want}]`));
  }
});

Deno.test("chatBody() throws if the images are over 100 MB together", () => {
  const half = part(`data:image/png;base64,iVBORw0KGgo${"A".repeat(MAX_REQUEST_BYTES / 2)}`);
  convert({ messages: [{ role: "user", content: [half] }] });
  const error = assertThrows(
    () => convert({ messages: [{ role: "user", content: [half, half] }] }),
    KimiError,
    "over 100 MB together",
  );
  assertEquals([error.code, retried(error.message)], ["too_large", false]);
});
