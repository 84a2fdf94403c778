/** What the real opencode does after each known error answer: as a status, and within a stream. */

import { assertEquals } from "@std/assert";
import { objectOf } from "../../lib/kimi/util/json.ts";
import { ANSWERS } from "../kimi/errors/answers.ts";
import { type FakeKimi, startFakeKimi } from "../support/fake/kimi.ts";
import type { FaultAnswer } from "../support/fake/types.ts";
import { openOpencode } from "../support/opencode/opencode.ts";
import type { Reaction } from "../support/opencode/retry.ts";
import { type OpencodeServer, serve } from "../support/opencode/server.ts";
import { builtPackage } from "../support/package.ts";
import type { OpencodeVersion } from "../support/tools.ts";

const ID = "kimi-for-coding-oauth";

const STREAM = { "content-type": "text/event-stream" };

const BEGUN = `data: ${
  JSON.stringify({ choices: [{ index: 0, delta: { role: "assistant", content: "Half an" } }] })
}\n\n`;

const FINISHED = '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}';

/** An answer, and what opencode is to do after it. */
interface Case {
  readonly name: string;
  readonly answer: FaultAnswer;
  readonly wanted: Reaction;
}

function wantedOf(kind: string, retry: boolean): Reaction {
  return retry ? "retry" : kind === "too_large" ? "compact" : "stop";
}

const CASES: readonly Case[] = [
  ...ANSWERS.map(([status, type, message, kind, retry]) => ({
    name: `${status} ${type} ${message}`,
    answer: { status, body: { error: { type, message } } },
    wanted: wantedOf(kind, retry),
  })),
  ...ANSWERS.filter(([, type, message]) => type !== "" && message !== "").map(
    ([, type, message, kind, retry]) => ({
      name: `an event of the error ${type} ${message}`,
      answer: {
        status: 200,
        headers: STREAM,
        body: `${BEGUN}data: ${JSON.stringify({ error: { type, message } })}\n\n`,
      },
      wanted: wantedOf(kind, retry),
    }),
  ),
  { name: "a stream that ends early", answer: answered(BEGUN), wanted: "retry" },
  {
    name: "a stream that the content filter ended",
    answer: answered(`data: ${FINISHED.replace("stop", "content_filter")}\n\n`),
    wanted: "stop",
  },
  { name: "an empty stream", answer: answered(""), wanted: "retry" },
  {
    name: "a page in place of a stream",
    answer: { status: 200, headers: { "content-type": "text/html" }, body: "<html>login</html>" },
    wanted: "retry",
  },
];

function answered(body: string): FaultAnswer {
  return { status: 200, headers: STREAM, body };
}

/** Registers the test of one release. */
export function testRetries(version: OpencodeVersion): void {
  Deno.test(`contract 13: opencode ${version} asks again, compacts or stops after each known error`, async () => {
    await using built = await builtPackage();
    await using kimi = await startFakeKimi();
    const config = { plugin: [built.dir] };
    await using opencode = await openOpencode({ version, config, kimi });
    const { access_token: access, refresh_token: refresh } = kimi.issueTokens();
    const entry = { type: "oauth", access, refresh, expires: Date.now() + 900_000 };
    await opencode.writeAuth(JSON.stringify({ [ID]: entry }));
    await using server = await serve(opencode, { kimi });
    const problems: string[] = [];
    for (const { name, answer, wanted } of CASES) {
      const seen = await react(server, kimi, answer);
      if (seen.reaction !== wanted) {
        problems.push(`${name}: ${seen.reaction}, not ${wanted} (${seen.said})`);
      }
    }
    assertEquals(problems, []);
  });
}

interface Seen {
  readonly reaction: Reaction | "nothing";
  /** What the user reads. */
  readonly said: string;
}

/** Asks a question whose first answer is this one; a retry is not waited for. */
async function react(server: OpencodeServer, kimi: FakeKimi, answer: FaultAnswer): Promise<Seen> {
  const session = await server.session();
  kimi.settings.faults.splice(0);
  // A 401 is refreshed, and asked once more.
  kimi.settings.faults.push({ kind: "chat", times: answer.status === 401 ? 2 : 1, answer });
  kimi.forgetRequests();
  const retried = server.until(({ type, properties }) =>
    type === "session.status" && properties.sessionID === session &&
    objectOf(properties.status).type === "retry"
  ).then(({ properties }): Seen => ({
    reaction: "retry",
    said: String(objectOf(properties.status).message),
  }));
  const ended = server.ask(session, "Hello").then(({ info }): Seen => {
    const { data } = objectOf(objectOf(info).error);
    const said = objectOf(data).message;
    if (typeof said === "string") return { reaction: "stop", said };
    const isCompacted = kimi.requestsOf("chat").length > 1;
    return { reaction: isCompacted ? "compact" : "nothing", said: JSON.stringify(info) };
  });
  retried.catch(() => {});
  ended.catch(() => {});
  const seen = await Promise.race([retried, ended]);
  if (seen.reaction === "retry") await server.abort(session);
  await ended.catch(() => {});
  return seen;
}
