import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { systemEnvironment } from "../../lib/runtime/environment.ts";

const environment = systemEnvironment(() => {});

Deno.test("now() reads the clock of the machine", () => {
  const before = Date.now();
  const now = environment.now();
  assert(before <= now && now <= Date.now());
});

Deno.test("sleep() resolves in time and leaves no listener on its signal", async () => {
  const controller = new AbortController();
  await environment.sleep(0, controller.signal);
  controller.abort(new Error("late"));
  await environment.sleep(0);
});

Deno.test({
  name: "sleep() rejects with the reason of its signal at once and leaves no timer",
  sanitizeOps: true,
  async fn() {
    const controller = new AbortController();
    const sleeping = environment.sleep(3_600_000, controller.signal);
    const reason = new Error("by the user");
    controller.abort(reason);
    assertStrictEquals(await sleeping.catch((error: unknown) => error), reason);
    const later = environment.sleep(3_600_000, controller.signal);
    assertStrictEquals(await later.catch((error: unknown) => error), reason);
  },
});

Deno.test("alarm() calls once, or not at all if cancelled", async () => {
  let rung = 0;
  environment.alarm(0, () => rung += 10)();
  await new Promise<void>((resolve) => {
    environment.alarm(0, () => {
      rung++;
      environment.alarm(0, resolve);
    });
  });
  assertEquals(rung, 1);
});

Deno.test("fetch is the one of the runtime and passes its errors on", async () => {
  await assertRejects(() => environment.fetch("http://127.0.0.1:1/"), TypeError);
  const answer = await environment.fetch("data:text/plain,hello");
  assertEquals(await answer.text(), "hello");
});

Deno.test("variables are those of the process", () => {
  assertEquals(environment.variables.PATH, Deno.env.get("PATH"));
});
