import { assertEquals } from "@std/assert";
import { createQuotaNotice } from "../../lib/opencode/quota_notice.ts";
import type { OpencodeClient, Toast } from "../../lib/opencode/v1/types.ts";
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
  readonly toasts: Toast[];
  /** An answer, so many minutes after the one before. */
  readonly answerAfter: (minutes: number) => Promise<void>;
  /** What the service says from now on. */
  readonly say: (usages: JsonObject) => void;
}

interface Changes {
  readonly stored?: Credential | undefined;
  readonly client?: Partial<OpencodeClient>;
  readonly memory?: object;
  readonly environment?: FakeEnvironment;
}

function watching(changes: Changes = {}): Watching {
  let usages: JsonObject = {};
  const environment = changes.environment ?? fakeEnvironment();
  environment.answer = () => Response.json({ usages });
  const toasts: Toast[] = [];
  const showToast = ({ body }: { readonly body: Toast }) => {
    toasts.push(body);
    return Promise.resolve(true);
  };
  const stored = "stored" in changes ? changes.stored : jwtLogin(100_000, 100_000);
  const watch = createQuotaNotice({
    environment,
    opencode: { auth: { set: () => Promise.resolve() }, tui: { showToast }, ...changes.client },
    options: { client: "kimi-cli" },
    stored: () => Promise.resolve(stored),
    api: () => "https://api.kimi.com/coding/v1",
    memory: changes.memory ?? {},
  });
  return {
    environment,
    toasts,
    async answerAfter(minutes) {
      environment.time += minutes * MINUTE;
      await watch();
    },
    say: (given) => void (usages = given),
  };
}

const full = (used_ratio: number, reset_time = SOON) => ({ used_ratio, reset_time });

Deno.test("a window that is nearly used up is told once, by its name, share and reset", async () => {
  const { say, answerAfter, toasts } = watching();
  say({ limit_5h: full(0.5), limit_7d: full(0.935) });
  await answerAfter(1);
  assertEquals(toasts, [{
    title: "Kimi quota",
    message: "week: 93 % used, resets 2027-01-15T17:45 here (in 3 h 59 min)",
    variant: "warning",
    duration: 10_000,
  }]);
  say({ limit_5h: full(0.95), limit_7d: full(0.99, LATER) });
  await answerAfter(10);
  assertEquals(toasts.length, 2);
  assertEquals(
    toasts[1]?.message,
    "5 hours: 95 % used, resets 2027-01-15T17:45 here (in 3 h 49 min)",
  );
  await answerAfter(10);
  assertEquals(toasts.length, 2);
});

Deno.test("a window that began anew is told again", async () => {
  const { say, answerAfter, toasts } = watching();
  say({ limit_5h: full(0.95) });
  await answerAfter(1);
  say({ limit_5h: full(0.95, LATER) });
  await answerAfter(5 * 60);
  assertEquals(toasts.length, 2, "its reset has passed");
  say({ limit_5h: full(0.1, LATER) });
  await answerAfter(10);
  say({ limit_5h: full(0.95, LATER) });
  await answerAfter(10);
  assertEquals(toasts.length, 3, "it had room in between");
});

Deno.test("nothing is asked in the first minute, and then at most every ten", async () => {
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

Deno.test("the instances of a process ask and tell together", async () => {
  const environment = fakeEnvironment();
  const memory = {};
  const one = watching({ environment, memory });
  const other = watching({ environment, memory });
  for (const each of [one, other]) each.say({ limit_7d: full(0.95, LATER) });
  await one.answerAfter(1);
  await other.answerAfter(0);
  await other.answerAfter(10);
  assertEquals([one.toasts.length + other.toasts.length, environment.sent.length], [1, 2]);
});

Deno.test("without a login that is valid nothing is asked, and nothing is refreshed", async () => {
  for (const stored of [undefined, login(-1)]) {
    const { environment, answerAfter } = watching({ stored });
    await answerAfter(1);
    assertEquals(environment.sent, []);
  }
});

Deno.test("contract 12: no answer, no toast in this opencode, or one that fails, is no error", async () => {
  const showToast = () => Promise.reject(new Error("no interface"));
  for (const tui of [undefined, {}, { showToast }]) {
    const { environment, say, answerAfter } = watching({
      client: tui === undefined ? {} : { tui },
    });
    say({ limit_7d: full(1) });
    await answerAfter(1);
    assertEquals(environment.logs.length, tui === undefined || !("showToast" in tui) ? 0 : 1);
  }
  const offline = watching();
  offline.environment.answer = () => Promise.reject(new TypeError("fetch failed"));
  await offline.answerAfter(1);
  assertEquals(offline.environment.logs.map((line) => line.split(":")[0]), ["debug"]);
});

Deno.test("the plugin asks behind an answer, and shows the toast through opencode's client", async () => {
  const usages = { limit_7d: full(0.95, LATER) };
  const made = plugin({
    answer: ({ url }) => url.endsWith("/usages") ? Response.json({ usages }) : new Response("{}"),
  });
  const toasts: Toast[] = [];
  Object.assign(made.opencode.client, {
    tui: { showToast: ({ body }: { body: Toast }) => Promise.resolve(toasts.push(body)) },
  });
  const sdk = await started(made);
  const asked = () => made.environment.sent.filter(({ url }) => url.endsWith("/usages")).length;
  await ask(sdk);
  await settled();
  assertEquals([asked(), toasts.length], [0, 0]);
  made.environment.time += MINUTE;
  await ask(sdk);
  await settled();
  assertEquals([asked(), toasts.map(({ title }) => title)], [1, ["Kimi quota"]]);
});
