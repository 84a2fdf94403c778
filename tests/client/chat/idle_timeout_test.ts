import { assertEquals, assertRejects } from "@std/assert";
import { createIdleTimeout } from "../../../lib/client/chat/idle_timeout.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { readAnswer } from "../../../lib/kimi/chat/answer_stream.ts";
import { NOW } from "../../support/environment.ts";

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** A clock that the test moves. */
interface Clock {
  readonly alarm: (milliseconds: number, ring: () => void) => () => void;
  /** How many timers are set. */
  readonly waiting: () => number;
  /** Moves on, and rings what is due. */
  readonly pass: (seconds: number) => Promise<void>;
}

function clock(): Clock {
  let time = NOW;
  const timers = new Set<Timer>();
  return {
    waiting: () => timers.size,
    alarm(milliseconds, ring) {
      const timer = { at: time + milliseconds, ring: () => (timers.delete(timer), ring()) };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async pass(seconds) {
      const end = time + seconds * 1000;
      for (;;) {
        await turn();
        const next = [...timers].sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        time = Math.max(time, next.at);
        next.ring();
      }
      time = end;
      await turn();
    },
  };
}

/** Lets what is under way come to a rest. */
async function turn(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setTimeout(resolve));
}

/** A stream with an idle timeout, and both its ends. */
interface Watched {
  readonly time: Clock;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly server: ReadableStreamDefaultController<Uint8Array>;
  /** Why the server's side was cancelled. */
  readonly cancelled: unknown[];
  /** The server sends a line, which is read. */
  readonly chunk: () => Promise<void>;
}

function watched(limit?: number | false): Watched {
  const time = clock();
  const cancelled: unknown[] = [];
  let server: ReadableStreamDefaultController<Uint8Array> | undefined;
  const upstream = new ReadableStream<Uint8Array>({
    start: (controller) => void (server = controller),
    cancel: (reason) => void cancelled.push(reason),
  });
  if (server === undefined) throw new Error("a stream starts at once");
  const sending: ReadableStreamDefaultController<Uint8Array> = server;
  const reader = readAnswer(upstream, { onTotal() {}, idleTimeout: createIdleTimeout(time, limit) })
    .getReader();
  const chunk = async () => {
    sending.enqueue(new TextEncoder().encode(": keep\n"));
    assertEquals(new TextDecoder().decode((await reader.read()).value), ": keep\n");
  };
  return { time, reader, server: sending, cancelled, chunk };
}

async function assertSilent(read: Promise<unknown>): Promise<void> {
  const error = await assertRejects(() => read, KimiError, "nothing came from Kimi for 300 s");
  assertEquals(error.code, "network");
}

Deno.test("a stream that is silent for 300 s fails as network, and is cancelled at the server", async () => {
  const { time, reader, cancelled } = watched();
  const read = reader.read();
  let isSettled = false;
  read.catch(() => {}).finally(() => isSettled = true);
  await time.pass(299.9);
  assertEquals([isSettled, time.waiting()], [false, 1]);
  await time.pass(0.2);
  assertEquals(isSettled, true);
  await assertSilent(read);
  assertEquals([cancelled.length, time.waiting()], [1, 0]);
  await assertSilent(reader.read());
});

Deno.test("an unread stream keeps no timer, before its first chunk and between two", async () => {
  const { time, chunk, cancelled } = watched();
  assertEquals(time.waiting(), 0);
  await chunk();
  await time.pass(1_000);
  assertEquals([time.waiting(), cancelled], [0, []]);
});

Deno.test("each chunk gives the stream another 300 s", async () => {
  const { time, reader, chunk, cancelled } = watched();
  for (let chunks = 0; chunks < 5; chunks++) {
    await time.pass(299);
    await chunk();
    assertEquals([cancelled.length, time.waiting()], [0, 0]);
  }
  const read = reader.read();
  read.catch(() => {});
  await time.pass(299);
  assertEquals(cancelled.length, 0);
  await time.pass(2);
  await assertSilent(read);
});

Deno.test("no timer outlives a stream that has ended", async () => {
  const { time, reader, chunk, server } = watched();
  await chunk();
  const read = reader.read();
  await turn();
  assertEquals(time.waiting(), 1);
  server.close();
  assertEquals((await read).done, true);
  await turn();
  assertEquals(time.waiting(), 0);
  await time.pass(1_000);
});

Deno.test("contract 14: a cancel reaches the server with its reason, and leaves no timer", async () => {
  const { time, reader, chunk, cancelled } = watched();
  await chunk();
  const reason = new DOMException("the user pressed escape", "AbortError");
  await reader.cancel(reason);
  await turn();
  assertEquals([cancelled, time.waiting()], [[reason], 0]);
});

Deno.test("contract 14: a cancel during a read reaches the server too", async () => {
  const { time, reader, cancelled } = watched();
  const read = reader.read();
  await turn();
  await reader.cancel("enough");
  assertEquals([(await read).done, cancelled], [true, ["enough"]]);
  await turn();
  assertEquals(time.waiting(), 0);
});

Deno.test("contract 14: an error within a stream is passed on, and leaves no timer", async () => {
  const { time, reader, chunk, server } = watched();
  await chunk();
  const error = new TypeError("error reading a body from connection");
  server.error(error);
  assertEquals(await reader.read().catch((caught) => caught), error);
  assertEquals(await reader.read().catch((caught) => caught), error);
  await turn();
  assertEquals(time.waiting(), 0);
});

Deno.test("a stream may be silent for as long as the limit says", async () => {
  const { time, reader } = watched(1_500);
  const read = reader.read();
  const failed = assertRejects(() => read, KimiError, "nothing came from Kimi for 1.5 s");
  await time.pass(1.6);
  await failed;
  const patient = watched(1e12);
  const waiting = patient.reader.read();
  await patient.time.pass(1_000_000);
  assertEquals(patient.time.waiting(), 1);
  patient.server.close();
  assertEquals((await waiting).done, true);
});

Deno.test("without a limit, a silent stream sets no timer", async () => {
  const { time, reader, server, chunk } = watched(false);
  await chunk();
  const read = reader.read();
  await time.pass(1_000_000);
  assertEquals(time.waiting(), 0);
  server.close();
  assertEquals((await read).done, true);
});
