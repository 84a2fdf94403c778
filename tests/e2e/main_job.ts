/**
 * The main job on one release of the real opencode. It runs once; each test checks one promise.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { RecordedRequest } from "../support/fake/kimi.ts";
import { CHECKS } from "../support/opencode/checks.ts";
import { type Journey, openStage, type Stage, travel } from "../support/opencode/journey.ts";
import { type Answer, MODEL, openOpencode } from "../support/opencode/opencode.ts";
import { builtPackage } from "../support/package.ts";
import { PLAIN_MODEL, startPlainProvider } from "./plain_provider.ts";
import type { OpencodeVersion } from "../support/tools.ts";
import { headerFaults } from "../support/opencode/wire.ts";

const ID = "kimi-for-coding-oauth";

/** Logins that the plugin cannot use; opencode 1.14.34 itself fails on a file that is not JSON. */
const BROKEN_LOGINS: Readonly<Record<string, string>> = {
  "an API key instead of a login": JSON.stringify({ [ID]: { type: "api", key: "k" } }),
  "a login that expires at a fraction of a millisecond": JSON.stringify({
    [ID]: { type: "oauth", refresh: "r", access: "a", expires: 1.5 },
  }),
};

/** A question with an access token that is about to expire. */
interface NearExpiry {
  readonly answer: Answer;
  readonly requests: readonly RecordedRequest[];
  readonly replaced: boolean;
  readonly expires: unknown;
}

interface Seen {
  readonly journey: Journey;
  readonly nearExpiry: NearExpiry;
  readonly extraFiles: readonly string[];
  readonly modes: Readonly<Record<string, string>>;
  /** The models listed under each of {@linkcode BROKEN_LOGINS}. */
  readonly broken: Readonly<Record<string, readonly string[]>>;
}

/** Registers the tests of one release. */
export function testMainJob(version: OpencodeVersion): void {
  let pending: Promise<Seen> | undefined;
  const seen = () => {
    if (pending === undefined) return pending = see(version);
    return pending.catch(() => {
      throw new Error("the main job did not finish: see the first failure");
    });
  };
  const test = (name: string, check: (seen: Seen) => void) =>
    Deno.test(`opencode ${version}, ${name}`, async () => check(await seen()));

  for (const { contract, holds, faults } of CHECKS) {
    test(`contract ${contract}: ${holds}`, ({ journey }) => assertEquals(faults(journey), []));
  }
  test("contract 9: a due token is refreshed beside the request, and stored before opencode run ends", ({ nearExpiry }) => {
    const { requests, answer, replaced, expires } = nearExpiry;
    const went = requests.filter(({ kind }) => kind !== "models");
    const kinds = went.map(({ kind, status }) => `${kind} ${status}`).toSorted();
    assertEquals(kinds, ["chat 200", "refresh 200"]);
    assertEquals(requests.flatMap(headerFaults), []);
    assertEquals(answer.text, "Hello from the fake Kimi.");
    assertEquals({ replaced, integer: Number.isInteger(expires) }, {
      replaced: true,
      integer: true,
    });
  });
  test("contract 11: only opencode's own files, auth.json and device_id are written", (seen) => {
    assertEquals(seen.extraFiles, [
      ".cache/opencode-kimi-full/models.json",
      ".kimi/device_id",
      ".local/share/opencode/auth.json",
    ]);
    assertEquals(seen.modes, { ".kimi": "700", ".kimi/device_id": "600", "auth.json": "600" });
  });
  for (const name of Object.keys(BROKEN_LOGINS)) {
    test(`contract 12: ${name} leaves every model listed`, ({ broken }) => {
      const listed = broken[name] ?? [];
      assertEquals([MODEL, PLAIN_MODEL].filter((model) => !listed.includes(model)), []);
    });
  }
}

async function see(version: OpencodeVersion): Promise<Seen> {
  await using built = await builtPackage();
  await using stage = await openStage(version, `opencode-kimi-full@file:${built.tarball}`);
  const journey = await travel(stage);
  const modes = await modesOf(stage);
  const nearExpiry = await askNearExpiry(stage);
  const files = await stage.opencode.listFiles();
  const own = await filesWithoutPlugin(version);
  const broken: Record<string, readonly string[]> = {};
  for (const [name, text] of Object.entries(BROKEN_LOGINS)) {
    await stage.opencode.writeAuth(text);
    broken[name] = await stage.opencode.models();
  }
  return { journey, nearExpiry, extraFiles: beyond(files, own), modes, broken };
}

async function askNearExpiry({ opencode, kimi }: Stage): Promise<NearExpiry> {
  const lifetime = 240; // seconds; a refresh is due below 300
  const tokens = kimi.issueTokens({ lifetime });
  const auth = JSON.parse(await opencode.readAuth());
  const { access_token: access, refresh_token: refresh } = tokens;
  const expires = Date.now() + lifetime * 1000;
  await opencode.writeAuth(JSON.stringify({ [ID]: { ...auth[ID], access, refresh, expires } }));
  kimi.forgetRequests();
  const answer = await opencode.ask("Once more", { continue: true });
  const stored = JSON.parse(await opencode.readAuth())[ID];
  const replaced = stored.refresh !== refresh && stored.access !== access;
  return { answer, requests: [...kimi.requests], replaced, expires: stored.expires };
}

async function modesOf({ opencode: { home } }: Stage): Promise<Record<string, string>> {
  const modes: Record<string, string> = {};
  for (const path of [".kimi", ".kimi/device_id", ".local/share/opencode/auth.json"]) {
    const { mode } = await Deno.stat(join(home, path));
    modes[path.replace(/.*opencode\//, "")] = ((mode ?? 0) & 0o777).toString(8);
  }
  return modes;
}

async function filesWithoutPlugin(version: OpencodeVersion): Promise<string[]> {
  await using plain = startPlainProvider();
  await using opencode = await openOpencode({ version, config: { provider: plain.config } });
  await opencode.ask("Hello", { model: PLAIN_MODEL });
  return await opencode.listFiles();
}

/** Files that opencode may write late or not at all: the installed plugin, tools, sessions, logs. */
const SOMETIMES =
  /^(\.npm|\.cache\/opencode\/(packages|bin)|\.local\/share\/opencode\/(storage|log|bin))\//;

/** Files that opencode without the plugin does not write. */
function beyond(files: readonly string[], own: readonly string[]): string[] {
  const known = new Set(own.map(kindOf));
  return files.filter((file) => !known.has(kindOf(file)) && !SOMETIMES.test(file));
}

/** A path without the parts that differ each time: unpacked native modules, the database's journal. */
function kindOf(file: string): string {
  return file.replace(/^tmp\/\.[0-9a-f-]+\.so$/, "tmp/*.so").replace(/\.db-(shm|wal)$/, ".db");
}
