import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { MAX_REQUEST_BYTES, refusedImage } from "../../../lib/kimi/chat/images.ts";
import { convert, sent } from "../../support/vectors.ts";
import { retried } from "../../support/opencode/retry.ts";

function image(type: string): string {
  return `data:${type};base64,iVBORw0KGgo=`;
}

function part(url: string) {
  return { type: "image_url", image_url: { url } };
}

Deno.test("refusedImage() accepts the image types of the service", () => {
  for (const type of ["png", "jpeg", "jpg", "gif", "webp", "bmp", "heic", "heif", "PNG"]) {
    assertEquals(refusedImage(image(`image/${type}`)), undefined, type);
  }
  for (const url of ["ms://f", "data:,", "data:application/octet-stream;base64,AA", "u", ""]) {
    assertEquals(refusedImage(url), undefined, url);
  }
});

Deno.test("refusedImage() names an image of another type or given by URL", () => {
  const takes = " was left out: Kimi accepts png, jpeg, gif, webp, bmp, heic and heif";
  for (const type of ["image/x-icon", "image/avif", "image/tiff", "image/svg+xml", "image/pngx"]) {
    assertEquals(refusedImage(image(type)), `an image of the type ${type}${takes}`);
  }
  for (const url of ["https://example.com/a.png", "HTTP://x"]) {
    assertEquals(refusedImage(url), `an image given by URL${takes}`);
  }
  assert(!retried(refusedImage(image("image/x-icon")) ?? ""));
});

Deno.test("contract 2: a refused image is replaced by a line and noted once", () => {
  const icon = part(image("image/x-icon"));
  for (const role of ["user", "tool"]) {
    const message = {
      role,
      content: [{ type: "text", text: "see" }, icon, part(image("image/png"))],
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
  const png = image("image/png");
  const want = `{"type":"image_url","image_url":{"url":"${png}","id":null}}`;
  for (const role of ["user", "tool"]) {
    assert(sent({ messages: [{ role, content: [part(png)] }] }).includes(`"content":[${want}]`));
  }
});

Deno.test("chatBody() throws if the images are over 100 MB together", () => {
  const half = part(`data:image/png;base64,${"A".repeat(MAX_REQUEST_BYTES / 2)}`);
  convert({ messages: [{ role: "user", content: [half] }] });
  const error = assertThrows(
    () => convert({ messages: [{ role: "user", content: [half, half] }] }),
    KimiError,
    "over 100 MB together",
  );
  assertEquals([error.code, retried(error.message)], ["invalid_request", false]);
});
