import { assertEquals } from "@std/assert";
import { chat, HELLO } from "../tests/client.ts";
import { startFakeKimi } from "../kimi.ts";
import { refusal } from "./refusal.ts";
import { parseBody } from "./validate.ts";

Deno.test("text over 2 MiB is refused, and images do not count", () => {
  const url = `data:image/png;base64,iVBORw0KGgoA${"A".repeat(2097152)}`;
  const image = { type: "image_url", image_url: { url } };
  assertEquals(refusal({ messages: [{ role: "user", content: [image] }] }), undefined);
  assertEquals(
    refusal({ messages: [{ role: "user", content: "é".repeat(1048576) }] }),
    "Invalid request: total message size 2097182 exceeds limit 2097152",
  );
});

Deno.test("a lone surrogate is refused, a pair is taken", () => {
  assertEquals(
    refusal({ messages: [{ role: "user", content: "\ud800" }] }),
    "Invalid request: body holds a lone surrogate",
  );
  assertEquals(refusal({ messages: [{ role: "user", content: "\ud83d\ude00" }] }), undefined);
});

Deno.test("only the fixed sampling values and a free tool choice pass", () => {
  assertEquals(refusal({ temperature: 1, top_p: 0.95, tool_choice: "auto" }), undefined);
  assertEquals(
    refusal({ temperature: 0.5 }),
    "invalid temperature: only 1 is allowed for this model",
  );
  const thinking = { type: "disabled" };
  assertEquals(refusal({ temperature: 0.6, thinking }), undefined);
  assertEquals(
    refusal({ temperature: 1, thinking }),
    "invalid temperature: only 0.6 is allowed for this model",
  );
  assertEquals(refusal({ top_p: 1 }), "invalid top_p: only 0.95 is allowed for this model");
  assertEquals(
    refusal({ tool_choice: "required" }),
    "tool_choice 'required' is incompatible with thinking enabled",
  );
});

Deno.test("refusals come as 400, an unknown model as 404, and strictBodies turns them off", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  const broken = await chat(fake, access_token, "{");
  assertEquals([broken.status, broken.at("error", "type")], [400, "invalid_request_error"]);
  const unknown = await chat(fake, access_token, { ...HELLO, model: "k9" });
  assertEquals([unknown.status, unknown.at("error", "type")], [404, "resource_not_found_error"]);
  assertEquals((await chat(fake, access_token, { ...HELLO, messages: [] })).status, 400);
  fake.settings.strictBodies = false;
  assertEquals((await chat(fake, access_token, { ...HELLO, messages: [] })).status, 200);
});

Deno.test("bytes that are not UTF-8, or not an object, are not a body", () => {
  assertEquals(parseBody(new Uint8Array([0x22, 0xff, 0x22])), undefined);
  assertEquals(parseBody(new TextEncoder().encode("[]")), undefined);
});
