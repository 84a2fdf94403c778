/**
 * Runs a real client, and the real opencode with the built plugin, each against its own fake Kimi: both
 * log in, ask a question that calls a shell, and continue the session after a restart.
 */
import { join } from "@std/path";
import {
  type FakeKimi,
  type RecordedRequest,
  startFakeKimi,
} from "../../../tests/support/fake/kimi.ts";
import {
  type Opencode,
  openOpencode,
  succeeded,
} from "../../../tests/support/opencode/opencode.ts";
import { builtPackage } from "../../../tests/support/package.ts";
import { run } from "../../shared/run.ts";
import { type Chat, chatsOf } from "../../../tests/support/opencode/wire.ts";
import { PINNED, type RealClient } from "../../../tests/support/clients/real_client.ts";

export const OPENCODE_VERSION = "1.18.33";

/** The requests of one client. */
export interface Side {
  readonly device: RecordedRequest;
  readonly poll: RecordedRequest;
  readonly refresh: RecordedRequest;
  readonly models: RecordedRequest;
  /** The first question, the answer to its tool call, the second question. */
  readonly chats: readonly [Chat, Chat, Chat];
  /** opencode's request for a title; the clients have none. */
  readonly titles: readonly Chat[];
}

export interface SideBySide {
  readonly kimi: Side;
  readonly opencode: Side;
}

/** Lifetime of a login's access token in seconds: below 300, the first question refreshes it. */
const SHORT_LIFETIME = 240;
const LIFETIME = 900;

const QUESTIONS = ["[[bash]] What does `echo hi` print?", "Thank you. Anything else?"] as const;

/** Runs both clients with one device id. */
export async function runSideBySide(kimi: RealClient, home: string): Promise<SideBySide> {
  await using built = await builtPackage();
  const [kimiFake, opencodeFake] = await Promise.all([startService(kimi), startService(kimi)]);
  await using _kimiFake = kimiFake;
  await using _opencodeFake = opencodeFake;
  await using opencode = await openOpencode({
    version: OPENCODE_VERSION,
    config: { plugin: [[built.dir, { client: kimi.name }]] },
    kimi: opencodeFake,
  });
  // It creates the device id that the client then reads.
  succeeded(await opencode.login());
  const env = kimi.environment(home, kimiFake, opencode.home);
  await Promise.all([askOpencode(opencode, opencodeFake), askKimi(kimi, home, env, kimiFake)]);
  return { kimi: sideOf(kimi.name, kimiFake), opencode: sideOf("opencode", opencodeFake) };
}

/** The fake knows the identity of the pinned release alone. */
function startService({ name, version }: RealClient): Promise<FakeKimi> {
  const identity = version === PINNED[name] ? name : "any";
  return startFakeKimi({ identity, deviceInterval: 1, tokenLifetime: SHORT_LIFETIME });
}

async function askOpencode(opencode: Opencode, fake: FakeKimi): Promise<void> {
  fake.settings.tokenLifetime = LIFETIME;
  succeeded(await opencode.ask(QUESTIONS[0]));
  succeeded(await opencode.ask(QUESTIONS[1], { continue: true }));
}

async function askKimi(
  kimi: RealClient,
  home: string,
  env: Record<string, string>,
  fake: FakeKimi,
): Promise<void> {
  const cwd = join(home, "project");
  await Deno.mkdir(cwd, { recursive: true });
  await run(kimi.program, kimi.login, { env, cwd });
  fake.settings.tokenLifetime = LIFETIME;
  await run(kimi.program, kimi.ask(QUESTIONS[0], false), { env, cwd });
  await run(kimi.program, kimi.ask(QUESTIONS[1], true), { env, cwd });
}

function sideOf(name: string, fake: FakeKimi): Side {
  const first = (kind: RecordedRequest["kind"]): RecordedRequest => {
    const [request] = fake.requestsOf(kind);
    if (request === undefined) throw new Error(`${name} sent no ${kind} request`);
    return request;
  };
  const chats = chatsOf(fake.requests);
  const [one, two, three, ...more] = chats.filter(({ title }) => !title);
  const refused = chats.filter(({ status }) => status !== 200);
  if (!one || !two || !three || more.length > 0 || refused.length > 0) {
    const went = chats.map(({ status, answer }) => `${status} ${answer.slice(0, 200)}`).join("\n");
    throw new Error(`${name} should have sent three chat requests:\n${went}`);
  }
  return {
    device: first("device"),
    poll: first("poll"),
    refresh: first("refresh"),
    models: first("models"),
    chats: [one, two, three],
    titles: chats.filter(({ title }) => title),
  };
}
