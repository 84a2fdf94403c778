import { assertEquals, assertRejects } from "@std/assert";
import { type FileSystem, whileInUse } from "../../../lib/runtime/fs/retry_while_busy.ts";

/** Fails with the code so often, and counts. */
function failing(code: string, times: number): { tries: number; run: () => Promise<string> } {
  const work = {
    tries: 0,
    run: () =>
      ++work.tries > times
        ? Promise.resolve("done")
        : Promise.reject(Object.assign(new Error(`${code}: rename`), { code })),
  };
  return work;
}

/** A system whose clock tells how long was waited. */
function on(platform: string): FileSystem & { waited: number } {
  const system = {
    platform,
    waited: 0,
    sleep: (milliseconds: number) => {
      system.waited += milliseconds;
      return Promise.resolve();
    },
  };
  return system;
}

for (const code of ["EPERM", "EACCES", "EBUSY"]) {
  Deno.test(`Windows is asked again while it says ${code}, for a second`, async () => {
    const work = failing(code, 5);
    assertEquals(await whileInUse(work.run, on("win32")), "done");
    assertEquals(work.tries, 6);
    const system = on("win32");
    await assertRejects(() => whileInUse(failing(code, Infinity).run, system), Error, code);
    assertEquals(system.waited, 960);
  });

  Deno.test(`elsewhere ${code} is final`, async () => {
    for (const platform of ["linux", "darwin", "freebsd"]) {
      const work = failing(code, 1);
      await assertRejects(() => whileInUse(work.run, on(platform)), Error, code);
      assertEquals(work.tries, 1);
    }
  });
}

Deno.test("what says nothing of use is final on Windows too", async () => {
  for (const code of ["EEXIST", "ENOENT", "ENOSPC", ""]) {
    const work = failing(code, 1);
    await assertRejects(() => whileInUse(work.run, on("win32")), Error, code);
    assertEquals(work.tries, 1);
  }
});
