/** What the fake host refuses of a plugin. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Host, openHost, type VERSIONS } from "../host.ts";
import { type Context, credential, ID, started, testClock, type Tiny, tiny } from "./plugins.ts";

const BASE = "http://127.0.0.1:9/v1";

function hostOf(given: Partial<Tiny>, version: keyof typeof VERSIONS = "newest"): Host {
  return openHost({
    version,
    clock: testClock(),
    plugins: [{ module: tiny({ baseURL: BASE, ...given }) }],
  });
}

async function stateOf(given: Partial<Tiny>) {
  await using host = hostOf(given);
  return (await host.location()).plugins();
}

Deno.test("a plugin that keeps the rules is active, and its model is offered once it has a row", async () => {
  await using host = hostOf({});
  const location = await host.location();
  assertEquals(location.plugins(), [{ id: ID, state: "active" }]);
  assertEquals(await host.models(), []);
  const { attemptID } = await location.attempts.connect({ integrationID: ID, methodID: "oauth" });
  assertEquals((await location.attempts.ended(attemptID)).status, "complete");
  assertEquals(await host.models(), ["tiny/kimi-for-coding"]);
  assertEquals(host.notes.faults, []);
});

const MISTAKES: Readonly<Record<string, readonly [Partial<Tiny>, RegExp]>> = {
  "a throw in setup": [{ more: () => Promise.reject(new Error("no network")) }, /no network/],
  "an asynchronous transform": [
    { more: (ctx) => ctx.provider.transform(() => Promise.resolve()) },
    /must not be asynchronous/,
  ],
  "a throw in a transform": [
    {
      more: (ctx) =>
        ctx.integration.transform(() => {
          throw new Error("out of order");
        }),
    },
    /integration transform: out of order/,
  ],
  "a function in a provider's info": [{ info: { settings: { fetch: () => {} } } }, /cloned/],
  "a model without its limits": [{ model: { limit: undefined } }, /wrong limit/],
  "a compatibility that a plugin cannot set": [
    { model: { compatibility: { supportsStore: false } } },
    /no key supportsStore/,
  ],
  "a hook of another name": [
    { more: (ctx) => ctx.session.hook("http.answer", () => {}) },
    /no hook http.answer/,
  ],
  "a key of the context that no release has": [
    { more: (ctx) => Reflect.get(ctx, "client") },
    /ctx.client is not known/,
  ],
};

for (const [mistake, [given, message]] of Object.entries(MISTAKES)) {
  Deno.test(`${mistake} costs the plugin`, async () => {
    const [state] = await stateOf(given);
    assertEquals(state?.state, "failed");
    assert(message.test(state?.error ?? ""), state?.error);
  });
}

Deno.test("a disabled plugin takes its integration, provider and hooks with it, and no other's", async () => {
  const other = { ...tiny({ baseURL: BASE }), id: "other" };
  let isWrong = false;
  const wrong = tiny({
    baseURL: BASE,
    async more(ctx) {
      await ctx.session.hook("retry", () => {});
      await ctx.provider.transform(() => {
        if (isWrong) throw new Error("later");
      });
    },
  });
  const plugins = [{ module: wrong }, { module: other }];
  await using host = openHost({ clock: testClock(), plugins });
  const location = await host.location();
  assertEquals(location.hookCount(), 1);
  isWrong = true;
  location.replay();
  assertEquals(location.plugins().map(({ id, state }) => `${id} ${state}`), [
    "tiny failed",
    "other active",
  ]);
  assertEquals(location.hookCount(), 0);
});

Deno.test("models that were added are frozen, and a changed list must be a new one", async () => {
  const models: { id: string; name: string }[] = [];
  let added: object = {};
  const base = tiny({ baseURL: BASE });
  const module = {
    id: ID,
    setup: (ctx: Context) =>
      base.setup({
        ...ctx,
        integration: ctx.integration,
        session: ctx.session,
        provider: {
          transform: (callback) =>
            ctx.provider.transform((editor) => {
              callback({ add: (given) => void editor.add(added = { ...given, ...added }) });
            }),
        },
      }),
  };
  await using host = openHost({ clock: testClock(), plugins: [{ module }] });
  const location = await host.location();
  models.push(...(added as { models: { id: string; name: string }[] }).models);
  assert(Object.isFrozen((added as { models: object }).models) && Object.isFrozen(models[0]));
  location.replay();
  assertEquals(location.provider(ID)?.models.size, 1);
});

Deno.test("the first of two plugins with one id is set up", async () => {
  const plugins = [{ module: tiny({ baseURL: BASE }) }, { module: tiny({ baseURL: BASE }) }];
  await using host = openHost({ clock: testClock(), plugins });
  const states = (await host.location()).plugins();
  assertEquals(states.map(({ state }) => state), ["active", "failed"]);
});

Deno.test("a module without setup is listed as failed, and one that is switched off is not set up", async () => {
  const plugins = [{ module: { id: "old", server: () => ({}) } }, {
    module: tiny({ baseURL: BASE, more: () => Promise.reject(new Error("it ran")) }),
  }];
  await using host = openHost({
    clock: testClock(),
    plugins,
    config: { disabled: [`-${ID}`] },
  });
  const states = (await host.location()).plugins();
  assertEquals(states.map(({ state }) => state), ["failed", "disabled"]);
});

Deno.test("a rejected authorize is a 500 without words, a rejected callback a failed attempt with them", async () => {
  const fail = () => Promise.reject(new Error("Kimi is not reachable"));
  const input = { integrationID: ID, methodID: "oauth" };
  await using defect = hostOf({ authorize: fail });
  const { attempts } = await defect.location();
  await assertRejects(() => attempts.connect(input), Error, "UnexpectedStatus: 500");
  assertEquals(defect.notes.log, ["authorize failed: Kimi is not reachable"]);

  await using host = hostOf({ authorize: () => Promise.resolve(started(fail())) });
  const location = await host.location();
  const { attemptID } = await location.attempts.connect(input);
  assertEquals(await location.attempts.ended(attemptID), {
    status: "failed",
    message: "Kimi is not reachable",
  });
});

Deno.test("an attempt expires after ten minutes, and what its callback gives then is thrown away", async () => {
  const clock = testClock();
  const callback = Promise.withResolvers<object>();
  const authorize = () => Promise.resolve(started(callback.promise));
  const plugins = [{ module: tiny({ baseURL: BASE, authorize }) }];
  await using host = openHost({ clock, plugins });
  const { attempts } = await host.location();
  const { attemptID } = await attempts.connect({ integrationID: ID, methodID: "oauth" });
  clock.time += 599_999;
  assertEquals(attempts.status(attemptID).status, "pending");
  clock.time += 1;
  assertEquals(attempts.status(attemptID).status, "expired");
  callback.resolve(credential("late", 9e15));
  assertEquals((await attempts.ended(attemptID)).status, "expired");
  assertEquals(host.table.list(), []);
});

Deno.test("a credential that is not of its schema fails the attempt", async () => {
  for (const change of [{ methodID: "other" }, { expires: 1.5 }, { refresh: undefined }]) {
    const value = { ...credential("a", 9e15), ...change };
    await using host = hostOf({
      authorize: () => Promise.resolve(started(Promise.resolve(value))),
    });
    const { attempts } = await host.location();
    const { attemptID } = await attempts.connect({ integrationID: ID, methodID: "oauth" });
    assertEquals((await attempts.ended(attemptID)).status, "failed");
    assertEquals(host.table.list(), []);
  }
});

Deno.test("each location has a setup of its own, and its cleanup runs at a reload and at the end", async () => {
  const steps: string[] = [];
  let count = 0;
  const more = () => {
    const mine = ++count;
    steps.push(`up ${mine}`);
    return () => steps.push(`down ${mine}`);
  };
  {
    await using host = hostOf({ more });
    const first = await host.location("/a");
    await host.location("/b");
    await first.reload();
  }
  assertEquals(steps, ["up 1", "up 2", "down 1", "up 3", "down 3", "down 2"]);
});

Deno.test("an early core's context has no hook, and a 2.0.0 has no provider", async () => {
  const seen: unknown[] = [];
  for (const version of ["1.18", "2.0.0", "2.0.4"] as const) {
    const setup = (ctx: Context) => void seen.push([typeof ctx.session?.hook, typeof ctx.provider]);
    await using host = openHost({
      version,
      clock: testClock(),
      plugins: [{ module: { id: ID, setup } }],
    });
    await host.location();
    assertEquals(host.notes.faults, []);
  }
  assertEquals(seen, [["undefined", "undefined"], ["function", "undefined"], [
    "function",
    "object",
  ]]);
});
