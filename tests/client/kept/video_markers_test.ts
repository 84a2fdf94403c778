import { assertEquals, assertStrictEquals } from "@std/assert";
import { createVideoMarkers } from "../../../lib/client/kept/video_markers.ts";

const { mark, place } = createVideoMarkers("secret");
const MARKER = mark({ url: "ms://file-1", name: 'a "b" & c.mp4' });
const PARTS = [
  { type: "text", text: '<video path="a &quot;b&quot; &amp; c.mp4">' },
  { type: "video_url", video_url: { url: "ms://file-1" } },
  { type: "text", text: "</video>" },
];

Deno.test("place() makes parts of a user's message that is a marker, or holds one as a part", () => {
  const other = { type: "text", text: "What is this?" };
  const messages = [
    { role: "user", content: MARKER },
    { role: "user", content: [{ type: "text", text: MARKER }, other] },
  ];
  assertEquals(place({ model: "m", messages }), {
    model: "m",
    messages: [{ role: "user", content: PARTS }, { role: "user", content: [...PARTS, other] }],
  });
});

Deno.test("place() writes a line in the place of a video if the body is for text alone", () => {
  const body = { kimi_text_only: true, messages: [{ role: "user", content: MARKER }] };
  const content = [{ type: "text", text: '[Video: a "b" & c.mp4]' }];
  assertEquals(place(body), { ...body, messages: [{ role: "user", content }] });
});

Deno.test("place() returns other bodies as they are", () => {
  const foreign = createVideoMarkers("other").mark({ url: "ms://file-1", name: "a.mp4" });
  for (
    const messages of [
      undefined,
      [],
      ["text", null],
      [{ role: "user", content: foreign }],
      [{ role: "user", content: `see ${MARKER}` }],
      [{ role: "tool", content: MARKER }],
      [{ role: "assistant", content: [{ type: "text", text: MARKER }] }],
    ]
  ) {
    const body = { messages };
    assertStrictEquals(place(body), body);
  }
});
