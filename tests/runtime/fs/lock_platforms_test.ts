/** The lock between processes that take their system for macOS or Windows: no /proc, no start times. */

import { assert, assertEquals } from "@std/assert";
import { fnv1a } from "../../../lib/kimi/util/hash.ts";
import { readHolder } from "../../../lib/runtime/fs/lock_holder.ts";
import { runWorkers, whileHeld, withLockPath } from "./processes.ts";

for (const platform of ["darwin", "win32"]) {
  Deno.test(`contract 9: of three processes on ${platform}, one at a time has the lock`, () =>
    withLockPath(async (path) => {
      const file = `${path}.count`;
      await Deno.writeTextFile(file, "0");
      const orders = Array.from({ length: 3 }, () => ["count", path, file, "10", platform]);
      assertEquals(await runWorkers(orders), ["0 ", "0 ", "0 "]);
      assertEquals(await Deno.readTextFile(file), "30");
    }));

  Deno.test(`contract 9: on ${platform} a holder says its pid and host, and no start`, () =>
    withLockPath((path) =>
      whileHeld(path, async ({ release }) => {
        const [holder] = Array.from(Deno.readDirSync(path), ({ name }) => readHolder(name));
        const { pid, ...others } = holder ?? {};
        assertEquals([typeof pid, others], ["number", {
          start: "",
          place: fnv1a(Deno.hostname()),
        }]);
        await release();
      }, platform)
    ));

  Deno.test(`contract 9: on ${platform} a holder that was killed is noticed by its pid, at once`, () =>
    withLockPath((path) =>
      whileHeld(path, async ({ crash }) => {
        await crash();
        const file = `${path}.count`;
        await Deno.writeTextFile(file, "0");
        const started = performance.now();
        assertEquals(await runWorkers([["count", path, file, "1", platform]]), ["0 "]);
        const took = performance.now() - started;
        assert(took < 6_000, `${took} ms; a holder that cannot be judged has 8 s`);
        assertEquals(await Deno.readTextFile(file), "1");
      }, platform)
    ));
}
