/** The limit of silence that the user wrote into the provider's options. */

import { assertEquals } from "@std/assert";
import { events } from "../client/chat/fixtures.ts";
import { ask, body, configured, plugin, sdkPart } from "./v1/fixtures.ts";

/** The limits that an answer is watched with. */
async function limits(options: Record<string, unknown>): Promise<readonly number[]> {
  const made = plugin({ answer: () => events("[DONE]") });
  const set: number[] = [];
  Object.assign(made.environment, {
    alarm: (milliseconds: number) => (set.push(milliseconds), () => {}),
  });
  const { options: written } = await configured(made, { options });
  const loaded = await made.hooks.auth.loader(made.opencode.getAuth);
  const answer = await ask(sdkPart({ ...loaded, ...Object(written) }), body({ stream: true }));
  assertEquals((await answer.text()).includes("[DONE]"), true);
  return [...new Set(set)];
}

Deno.test("an answer may be silent for chunkTimeout, and for 300 s by default", async () => {
  assertEquals(await limits({}), [300_000]);
  assertEquals(await limits({ chunkTimeout: 600_000 }), [600_000]);
  for (const chunkTimeout of [0, -1, "1000", null, NaN, true]) {
    assertEquals(await limits({ chunkTimeout }), [300_000], String(chunkTimeout));
  }
});

Deno.test("with chunkTimeout false, silence has no limit", async () => {
  assertEquals(await limits({ chunkTimeout: false }), []);
});
