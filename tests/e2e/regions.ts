/**
 * One release of the real opencode with an account in each region, and all of their models offered.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { FakeSettings } from "../support/fake/types.ts";
import {
  type Answer,
  type Opencode,
  openOpencode,
  succeeded,
} from "../support/opencode/opencode.ts";
import { builtPackage } from "../support/package.ts";
import type { OpencodeVersion } from "../support/tools.ts";
import { startTwoRegions } from "./two_regions.ts";
import { chatsOf, effortFaults } from "../support/opencode/wire.ts";

const ID = "kimi-for-coding-oauth";
const CACHE = ".cache/opencode-kimi-full/models.json";

/** Models as the service lists them. */
function account(...models: readonly Readonly<Record<string, unknown>>[]): Partial<FakeSettings> {
  return { deviceInterval: 1, models };
}

const FIRST = {
  ...{ id: "kimi-for-coding", display_name: "K2.8 Preview", context_length: 1_048_576 },
  ...{ supports_image_in: true, supports_thinking_type: "both" },
  think_efforts: { support: true, valid_efforts: ["low", "high", "max"] },
};
const K3 = { ...FIRST, id: "k3", display_name: "Kimi K3", context_length: 524_288 };
const OTHER = { ...FIRST, id: "k9", protocol: "anthropic" };

/** What the run showed. */
interface Seen {
  /** Models with context and variants, as opencode lists them on the second start of each login. */
  readonly listed: Readonly<Record<"ai" | "com", readonly string[]>>;
  /** A question in the region kimi.ai, to its other model at effort `max`. */
  readonly answer: Answer;
  /** Hosts that were asked while the login was of kimi.ai, and of kimi.com. */
  readonly hosts: Readonly<Record<"ai" | "com", readonly string[]>>;
  readonly kept: string;
  readonly chats: ReturnType<typeof chatsOf>;
  /** The content of auth.json besides the tokens. */
  readonly regions: readonly unknown[];
}

/** Registers the tests of one release. */
export function testRegions(version: OpencodeVersion): void {
  let pending: Promise<Seen> | undefined;
  const test = (name: string, check: (seen: Seen) => void) =>
    Deno.test(`opencode ${version}, ${name}`, async () => check(await (pending ??= see(version))));

  test("with discover, exactly the models of each region's account are offered", ({ listed }) => {
    assertEquals(listed, {
      ai: ["k3 524288 off,low,high,max", "kimi-for-coding 1048576 off,low,high,max"],
      com: ["kimi-for-coding 1048576 off,low,high,max"],
    });
  });
  test("contract 5: the efforts of a discovered model are sent", ({ answer, chats }) => {
    assertEquals(answer.text, "Hello from the fake Kimi.");
    const models = chats.map(({ body }) => JSON.parse(body).model);
    assertEquals(new Set(models), new Set(["k3"]));
    const [main] = chats.filter(({ title }) => !title);
    assertEquals(main?.parsed.reasoning_effort, "max");
    assertEquals(
      chats.filter(({ title }) => title).flatMap((chat) => effortFaults(chat, "off")),
      [],
    );
  });
  test("contract 8: a login's tokens are sent only to its own region", ({ hosts, regions }) => {
    assertEquals(hosts, {
      ai: ["api.kimi.ai", "auth.kimi.ai"],
      com: ["api.kimi.com", "auth.kimi.com"],
    });
    assertEquals(regions, ["https://auth.kimi.ai https://api.kimi.ai/coding/v1", undefined]);
  });
  test("contract 11: the models are cached in one file that only this user can read", ({ kept }) => {
    assertEquals(kept, `${CACHE} 600`);
  });
}

async function see(version: OpencodeVersion): Promise<Seen> {
  await using built = await builtPackage();
  await using kimi = await startTwoRegions({ ai: account(FIRST, K3, OTHER), com: account(FIRST) });
  const plugin = [`opencode-kimi-full@file:${built.tarball}`, { discover: true }];
  const config = { plugin: [plugin] };
  await using opencode = await openOpencode({ version, config, env: kimi.env });
  const regions: unknown[] = [];
  const listed: Record<"ai" | "com", readonly string[]> = { ai: [], com: [] };
  const hosts: Record<"ai" | "com", readonly string[]> = { ai: [], com: [] };
  const login = async (region: "ai" | "com") => {
    succeeded(await opencode.login(region));
    regions.push(JSON.parse(await opencode.readAuth())[ID].enterpriseUrl);
    // The first start requests the models and caches them.
    await expire(opencode);
    return succeeded(await opencode.ask("Hello", { variant: "high" }));
  };
  const asked = (from: number) =>
    [...new Set(kimi.asked.slice(from).map((line) => line.split(" ", 1)[0] ?? ""))].sort();
  await login("ai");
  listed.ai = await ours(opencode);
  const before = kimi.ai.requests.length;
  const answer = await opencode.ask("And k3?", { model: `${ID}/k3`, variant: "max" });
  const chats = chatsOf(kimi.ai.requests.slice(before));
  hosts.ai = asked(0);
  const from = kimi.asked.length;
  await login("com");
  listed.com = await ours(opencode);
  hosts.com = asked(from);
  const files = (await opencode.listFiles()).filter((file) => file.includes("opencode-kimi-full/"));
  const modes = files.filter((file) => !file.startsWith(".cache/opencode/")).map((file) =>
    `${file} ${((Deno.statSync(join(opencode.home, file)).mode ?? 0) & 0o777).toString(8)}`
  );
  return { listed, answer, hosts, kept: modes.join(), chats, regions };
}

/** The plugin's models in alphabetical order; opencode puts its own variants before ours. */
async function ours(opencode: Opencode): Promise<readonly string[]> {
  const { stdout } = succeeded(await opencode.command(["models", ID, "--verbose"]));
  return stdout.split(/^(?=kimi-for-coding-oauth\/)/m).filter((text) => text.includes("{"))
    .map((text) => {
      const { id, limit, variants } = JSON.parse(text.slice(text.indexOf("{")));
      const names = ["off", "low", "medium", "high", "max"].filter((name) => name in variants);
      return `${id} ${limit.context} ${names.join()}`;
    }).sort();
}

/** Makes the next request refresh the login. */
async function expire(opencode: Opencode): Promise<void> {
  const auth = JSON.parse(await opencode.readAuth());
  const entry = { ...auth[ID], expires: Date.now() + 240_000 };
  await opencode.writeAuth(JSON.stringify({ ...auth, [ID]: entry }));
}
