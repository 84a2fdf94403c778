/** The main job on both releases of the real opencode with the client kimi-code. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { CHECKS } from "../support/opencode/checks.ts";
import { openStage, travel } from "../support/opencode/journey.ts";
import { chatsOf, headerOf } from "../support/opencode/wire.ts";
import { builtPackage } from "../support/package.ts";

/** Those of kimi-cli's form are 1, 2, 4, 5 and 7. */
const SHARED = [3, 6, 8, 9, 10, 12];

const KEYS = [
  ...["model", "messages", "tools", "stream", "stream_options", "prompt_cache_key", "thinking"],
  "max_completion_tokens",
];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

for (const version of ["1.14.34", "1.18.33"] as const) {
  Deno.test(`opencode ${version} does the main job as kimi-code`, async () => {
    await using built = await builtPackage();
    const plugin = `opencode-kimi-full@file:${built.tarball}`;
    await using stage = await openStage(version, plugin, "kimi-code");
    const journey = await travel(stage);
    for (const { contract, holds, faults } of CHECKS) {
      if (SHARED.includes(contract)) assertEquals([holds, faults(journey)], [holds, []]);
    }
    const { home } = stage.opencode;
    const id = await Deno.readTextFile(join(home, ".kimi-code/device_id"));
    assertMatch(id, UUID);
    assertEquals(await Deno.stat(join(home, ".kimi")).catch(() => "none"), "none");
    const sent = journey.requests.filter(({ kind }) => kind !== "models");
    for (const { headers } of sent) assertEquals(headerOf(headers, "x-msh-device-id"), id);
    const [first] = sent;
    assertEquals(first?.body, "client_id=17e5f671-d194-4dfb-9706-5516cb48c098");
    const chats = chatsOf(journey.requests);
    const [titles, turns] = [chats.filter(({ title }) => title), chats.filter((c) => !c.title)];
    for (const { parsed } of titles) assertEquals(parsed.thinking, { type: "disabled" });
    for (const { parsed } of turns) {
      assertEquals(Object.keys(parsed), KEYS);
      assertEquals(Object.entries(parsed.thinking ?? {}).slice(2), [["keep", "all"]]);
      const names = parsed.tools.map(({ function: { name } }) => name);
      assertEquals(names, names.toSorted(new Intl.Collator("en").compare));
    }
    const last = turns.at(-1)?.parsed;
    assertEquals(
      JSON.stringify(last?.thinking),
      '{"type":"enabled","effort":"high","keep":"all"}',
    );
    const answers = last?.messages.filter(({ role }) => role === "assistant") ?? [];
    assert(answers.length > 1);
    for (const { reasoning_content } of answers) assertEquals(typeof reasoning_content, "string");
  });
}
