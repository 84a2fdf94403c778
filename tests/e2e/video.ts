/** A video that is attached to a prompt, in the real opencode: uploaded once, and in the same place from then on. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { startFakeKimi } from "../support/fake/kimi.ts";
import { MODEL, openOpencode } from "../support/opencode/opencode.ts";
import { headerFaults } from "../support/opencode/wire.ts";
import { builtPackage } from "../support/package.ts";
import type { OpencodeVersion } from "../support/tools.ts";
import { PLAIN_MODEL, startPlainProvider } from "./plain_provider.ts";

const ID = "kimi-for-coding-oauth";

/** The beginning of an MP4 file. */
const CLIP = new TextEncoder().encode("\0\0\0\x18ftypisom\0\0\0\0isommp42 a clip");

const VIDEO = [
  { type: "text", text: '<video path="clip.mp4">' },
  { type: "video_url", video_url: { url: "ms://file-fake-1", id: null } },
  { type: "text", text: "</video>" },
];

/** Registers the test of one release. */
export function testVideo(version: OpencodeVersion): void {
  Deno.test(`contract 6: opencode ${version} sends an attached video in this turn and in later ones`, async () => {
    await using built = await builtPackage();
    await using kimi = await startFakeKimi();
    await using plain = startPlainProvider();
    const plugin = [`opencode-kimi-full@file:${built.tarball}`];
    const config = { plugin, provider: plain.config };
    await using opencode = await openOpencode({ version, config, kimi });
    const { access_token: access, refresh_token: refresh } = kimi.issueTokens();
    const entry = { type: "oauth", access, refresh, expires: Date.now() + 900_000 };
    await opencode.writeAuth(JSON.stringify({ [ID]: entry }));
    const write = (name: string, data: Uint8Array) =>
      Deno.writeFile(join(opencode.home, "project", name), data);
    await write("clip.mp4", CLIP);
    await write("text.mp4", new Uint8Array([0, 1, 2, 3]));
    const run = ["run", "--format", "json", "--model", MODEL];
    await opencode.command([...run, "What happens here?", "-f", "clip.mp4"]);
    await opencode.command([...run, "--continue", "And here?", "-f", "text.mp4"]);
    await opencode.ask("Thank you", { continue: true });
    const chats = kimi.requestsOf("chat").map(({ body, status }) => ({
      ...JSON.parse(body),
      status,
    }));
    const turns = chats.filter(({ tools }) => tools.length > 0);
    assertEquals(turns.map(({ status }) => status), [200, 200, 200]);
    const texts = turns.map(({ messages }) => JSON.stringify(messages).slice(0, -1));
    texts.slice(1).forEach((text, at) => assert(text.startsWith(texts[at] ?? "?")));
    const [, first, , second] = turns.at(-1)?.messages ?? [];
    assertEquals(first.content.slice(0, 3), VIDEO);
    assertMatch(JSON.stringify(second), /The video text\.mp4 was not sent: its data is no video/);
    const uploads = kimi.requestsOf("files");
    assertEquals(uploads.map((upload) => [upload.status, headerFaults(upload)]), [[200, []]]);
    const titles = chats.filter(({ tools }) => tools.length === 0);
    assertEquals(JSON.stringify(titles).includes("ms://"), false);
    await opencode.ask("Who are you?", { model: PLAIN_MODEL, continue: true });
    const others = plain.requests.map(({ body }) => body).join("\n");
    assertMatch(others, /\[Video: clip\.mp4\]/);
    assertEquals(/kimi-video|ms:\/\//.test(others), false);
  });
}
