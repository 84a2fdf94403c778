/** What the real opencode does after each known error answer: as a status, and within a stream. */

import { assert, assertEquals } from "@std/assert";
import { objectOf } from "../../lib/kimi/util/json.ts";
import { ANSWERS } from "../kimi/errors/answers.ts";
import type { FakeKimi } from "../support/fake/kimi.ts";
import type { Fault, FaultAnswer } from "../support/fake/types.ts";
import type { Reaction } from "../support/opencode/retry.ts";
import { type OpencodeServer, serveLoggedIn } from "../support/opencode/server.ts";
import { builtPackage } from "../support/package.ts";
import type { OpencodeVersion } from "../support/tools.ts";

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
  Deno.test(`contract 13: opencode ${version} after errors, and answers that break off`, async (t) => {
    await using built = await builtPackage();
    await using stage = await serveLoggedIn(version, built.dir);
    const { kimi, server } = stage;

    await t.step("opencode asks again, compacts or stops after each known error", async () => {
      const problems: string[] = [];
      for (const { name, answer, wanted } of CASES) {
        // A 401 is refreshed, and asked once more.
        const seen = await react(server, kimi, { times: answer.status === 401 ? 2 : 1, answer });
        if (seen.reaction !== wanted) {
          problems.push(`${name}: ${seen.reaction}, not ${wanted} (${seen.said})`);
        }
      }
      assertEquals(problems, []);
    });

    await t.step(
      "an answer that breaks off is not asked for by the runtime, nor glued",
      async () => {
        await server.ask(await server.session(), "Hello");
        const seen = await react(server, kimi, { stream: { dropAfter: 3, delay: 20 } });
        assertEquals([seen.reaction, seen.requests], ["retry", 1], seen.said);
      },
    );

    await t.step(
      "a question that stays without an answer is repeated after growing waits",
      async () => {
        for (const [session, [first = 0, second = 0]] of await waits(server, kimi)) {
          assert(first > 1.9 && second > first + 1, `${session}: ${first} s and ${second} s`);
        }
      },
    );
  });
}

interface Seen {
  readonly reaction: Reaction | "nothing";
  /** What the user reads. */
  readonly said: string;
  /** How many questions the service had by then. */
  readonly requests: number;
}

/** Asks a question whose first answer has this fault; a retry is not waited for. */
async function react(server: OpencodeServer, kimi: FakeKimi, fault: Fault): Promise<Seen> {
  const session = await server.session();
  kimi.settings.faults.splice(0);
  kimi.settings.faults.push({ kind: "chat", ...fault });
  kimi.forgetRequests();
  const seenAs = (reaction: Seen["reaction"], said: unknown): Seen => {
    return { reaction, said: String(said), requests: kimi.requestsOf("chat").length };
  };
  const retried = retry(server, session, 1).then(({ message }) => seenAs("retry", message));
  const ended = server.ask(session, "Hello").then(({ info }): Seen => {
    const { data } = objectOf(objectOf(info).error);
    const said = objectOf(data).message;
    if (typeof said === "string") return seenAs("stop", said);
    const isCompacted = kimi.requestsOf("chat").length > 1;
    return seenAs(isCompacted ? "compact" : "nothing", JSON.stringify(info));
  });
  retried.catch(() => {});
  ended.catch(() => {});
  const seen = await Promise.race([retried, ended]);
  if (seen.reaction === "retry") await server.abort(session);
  await ended.catch(() => {});
  return seen;
}

/** Waits until opencode is about to repeat a question, this time for that often. */
async function retry(server: OpencodeServer, session: string, attempt: number) {
  const { properties } = await server.until(({ type, properties: { sessionID, status } }) =>
    type === "session.status" && sessionID === session &&
    objectOf(status).type === "retry" && objectOf(status).attempt === attempt
  );
  return objectOf(properties.status);
}

const ANSWERLESS: readonly FaultAnswer[] = [
  answered(BEGUN),
  answered(""),
  { status: 503, body: { error: { message: "down" } } },
];

/** Asks in three sessions, and answers nothing; returns the seconds between the requests of each. */
async function waits(server: OpencodeServer, kimi: FakeKimi) {
  const answers = Array.from({ length: 33 }, () => ANSWERLESS).flat();
  for (const answer of answers) kimi.settings.faults.push({ kind: "chat", answer });
  kimi.forgetRequests();
  const times = new Map<string, number[]>();
  await Promise.all(ANSWERLESS.map(async () => {
    const session = await server.session();
    const third = retry(server, session, 3);
    const ended = server.ask(session, "Hello").catch(() => {});
    await third;
    await server.abort(session);
    await ended;
  }));
  kimi.settings.faults.splice(0);
  for (const { at, body } of kimi.requestsOf("chat")) {
    const session = String(objectOf(JSON.parse(body)).prompt_cache_key);
    times.set(session, [...times.get(session) ?? [], at]);
  }
  const between = (all: readonly number[]) =>
    all.slice(1).map((at, index) => (at - (all[index] ?? 0)) / 1000);
  return new Map([...times].map(([session, all]) => [session, between(all)] as const));
}
