/** Starts of the real opencode, with the plugin and without it, in turn. */

import { dirname, join } from "@std/path";
import { type Opencode, openOpencode, succeeded } from "../../tests/support/opencode/opencode.ts";
import { type FakeKimi, startFakeKimi } from "../../tests/support/fake/kimi.ts";
import { rotated } from "./measure.ts";

const WAYS = ["none", "empty", "ours", "discover"] as const;

/** The plugin of opencode: none, one that does nothing, ours, and ours with `discover`. */
export type Way = typeof WAYS[number];

/** Milliseconds of each round. */
export type Starts = Readonly<Record<Way, readonly number[]>>;

/** Seconds until the login expires. */
const LIFETIME = 10 * 86_400;

/** Times `opencode models`, which starts and sets up all providers, with the package in `dir`. */
export async function measureStarts(dir: string, rounds: number): Promise<Starts> {
  await using fake = await startFakeKimi();
  await using none = await home(fake, []);
  await using empty = await home(fake, [await emptyPlugin(join(dirname(dir), "empty"))]);
  await using ours = await home(fake, [dir]);
  await using discover = await home(fake, [[dir, { discover: true }]]);
  // The first answer stores the models of the account.
  for (const opencode of [ours, discover]) succeeded(await opencode.ask("hello"));
  const homes = { none, empty, ours, discover };
  const times: Record<Way, number[]> = { none: [], empty: [], ours: [], discover: [] };
  for (let round = -1; round < rounds; round++) {
    for (const way of rotated(WAYS, round)) {
      const { took } = succeeded(await homes[way].command(["models"]));
      if (round >= 0) times[way].push(took);
    }
  }
  return times;
}

/** Writes an empty plugin: opencode takes time for any plugin. */
async function emptyPlugin(dir: string): Promise<string> {
  await Deno.mkdir(dir, { recursive: true });
  const manifest = { name: "empty", version: "1.0.0", type: "module", main: "./server.js" };
  const exports = { "./server": "./server.js" };
  await Deno.writeTextFile(join(dir, "package.json"), JSON.stringify({ ...manifest, exports }));
  const code = 'export default { id: "empty", server: async () => ({}) };\n';
  await Deno.writeTextFile(join(dir, "server.js"), code);
  return dir;
}

async function home(fake: FakeKimi, plugin: readonly unknown[]): Promise<Opencode> {
  const opencode = await openOpencode({ version: "1.18.33", config: { plugin }, kimi: fake });
  const { access_token, refresh_token } = fake.issueTokens({ lifetime: LIFETIME });
  const entry = {
    type: "oauth",
    access: access_token,
    refresh: refresh_token,
    expires: Date.now() + LIFETIME * 1000,
    enterpriseUrl: `${fake.url} ${fake.apiBase}`,
  };
  await opencode.writeAuth(JSON.stringify({ "kimi-for-coding-oauth": entry }));
  return opencode;
}
