import { assertEquals } from "@std/assert";
import {
  createQuotaNotice,
  type Notice,
  type NoticeState,
} from "../../lib/opencode/quota_notice.ts";
import type { Credential } from "../../lib/client/tokens/credential.ts";
import type { JsonObject } from "../../lib/kimi/util/json.ts";
import { jwtLogin, login } from "../client/fixtures.ts";
import { type FakeEnvironment, fakeEnvironment } from "../support/environment.ts";
import { ask, plugin, settled, started } from "./v1/fixtures.ts";

const MINUTE = 60_000;
const SOON = "2027-01-15T12:00:00Z";
const LATER = "2027-01-20T12:00:00Z";

interface Watching {
  readonly environment: FakeEnvironment;
  readonly messages: string[];
  /** An answer, so many minutes after the one before. */
  readonly answerAfter: (minutes: number) => Promise<void>;
  /** What the service says from now on. */
  readonly say: (usages: JsonObject) => void;
}

interface Changes {
  readonly stored?: Credential | undefined;
  readonly notify?: (notice: Notice) => Promise<unknown> | undefined;
  readonly notices?: NoticeState;
  readonly environment?: FakeEnvironment;
}

function watching(changes: Changes = {}): Watching {
  let usages: JsonObject = {};
  const environment = changes.environment ?? fakeEnvironment();
  environment.answer = () => Response.json({ usages });
  const messages: string[] = [];
  const stored = "stored" in changes ? changes.stored : jwtLogin(100_000, 100_000);
  const watch = createQuotaNotice({
    environment,
    options: { client: "kimi-cli" },
    stored: () => Promise.resolve(stored),
    api: () => "https://api.kimi.com/coding/v1",
    notices: changes.notices ?? { told: new Map() },
    notify: changes.notify ?? (({ message }) => Promise.resolve(messages.push(message))),
  });
  return {
    environment,
    messages,
    async answerAfter(minutes) {
      environment.time += minutes * MINUTE;
      await watch();
    },
    say: (given) => void (usages = given),
  };
}

const full = (used_ratio: number, reset_time = SOON) => ({ used_ratio, reset_time });

Deno.test("a window that is nearly used up is shown once, with its name, share and reset", async () => {
  const { say, answerAfter, messages } = watching();
  say({ limit_5h: full(0.5), limit_7d: full(0.935) });
  await answerAfter(1);
  assertEquals(messages, ["week: 93 % used, resets 2027-01-15T17:45 here (in 3 h 59 min)"]);
  say({ limit_5h: full(0.95), limit_7d: full(0.99, LATER) });
  await answerAfter(10);
  const second = "5 hours: 95 % used, resets 2027-01-15T17:45 here (in 3 h 49 min)";
  assertEquals(messages.slice(1), [second]);
  await answerAfter(10);
  assertEquals(messages.length, 2);
});

Deno.test("a window that was reset is shown again", async () => {
  const { say, answerAfter, messages } = watching();
  say({ limit_5h: full(0.95) });
  await answerAfter(1);
  say({ limit_5h: full(0.95, LATER) });
  await answerAfter(5 * 60);
  assertEquals(messages.length, 2, "its reset has passed");
  say({ limit_5h: full(0.1, LATER) });
  await answerAfter(10);
  say({ limit_5h: full(0.95, LATER) });
  await answerAfter(10);
  assertEquals(messages.length, 3, "it had room in between");
});

Deno.test("the usage is not asked in the first minute, and then every ten minutes at most", async () => {
  const { environment, answerAfter } = watching();
  await answerAfter(0.9);
  assertEquals(environment.sent.length, 0);
  await answerAfter(0.1);
  assertEquals(environment.sent.length, 1);
  for (let minute = 0; minute < 9; minute++) await answerAfter(1);
  assertEquals(environment.sent.length, 1);
  await answerAfter(1);
  assertEquals(environment.sent.length, 2);
});

Deno.test("the instances of a process share their questions and notices", async () => {
  const environment = fakeEnvironment();
  const notices = { told: new Map<string, number>() };
  const one = watching({ environment, notices });
  const other = watching({ environment, notices });
  for (const each of [one, other]) each.say({ limit_7d: full(0.95, LATER) });
  await one.answerAfter(1);
  await other.answerAfter(0);
  await other.answerAfter(10);
  assertEquals([one.messages.length + other.messages.length, environment.sent.length], [1, 2]);
});

Deno.test("without a valid login the usage is not asked and nothing is refreshed", async () => {
  for (const stored of [undefined, login(-1)]) {
    const { environment, answerAfter } = watching({ stored });
    await answerAfter(1);
    assertEquals(environment.sent, []);
  }
});

Deno.test("contract 12: a notice that cannot be shown is not an error, nor is a usage that cannot be asked", async () => {
  const failing = () => Promise.reject(new Error("no interface"));
  for (const notify of [() => undefined, failing]) {
    const { environment, say, answerAfter } = watching({ notify });
    say({ limit_7d: full(1) });
    await answerAfter(1);
    assertEquals(environment.logs, notify === failing ? ["debug: no interface"] : []);
  }
  const offline = watching();
  offline.environment.answer = () => Promise.reject(new TypeError("fetch failed"));
  await offline.answerAfter(1);
  assertEquals(offline.environment.logs.map((line) => line.split(":")[0]), ["debug"]);
});

Deno.test("the plugin asks after an answer, and shows the notice as a toast", async () => {
  const usages = { limit_7d: full(0.95, LATER) };
  const made = plugin({
    answer: ({ url }) => url.endsWith("/usages") ? Response.json({ usages }) : new Response("{}"),
  });
  const toasts: Notice[] = [];
  Object.assign(made.opencode.client, {
    tui: { showToast: ({ body }: { body: Notice }) => Promise.resolve(toasts.push(body)) },
  });
  const sdk = await started(made);
  const asked = () => made.environment.sent.filter(({ url }) => url.endsWith("/usages")).length;
  await ask(sdk);
  await settled();
  assertEquals([asked(), toasts.length], [0, 0]);
  made.environment.time += MINUTE;
  await ask(sdk);
  await settled();
  const message = "week: 95 % used, resets 2027-01-20T17:45 here (in 5 d 3 h)";
  const shown = { title: "Kimi quota", message, variant: "warning", duration: 10_000 };
  assertEquals([asked(), toasts.map((toast) => ({ ...toast }))], [1, [shown]]);
});
