import { assertEquals, assertMatch } from "@std/assert";
import { logPath, openLog } from "../../../lib/runtime/fs/log_file.ts";
import { inFolder } from "../folder.ts";

const at = () => new Date(0);

/** Waits until a file has so many lines. */
async function linesOf(path: string, count: number): Promise<readonly string[]> {
  for (;;) {
    const text = await Deno.readTextFile(path).catch(() => "");
    const lines = text.split("\n").slice(0, -1);
    if (lines.length >= count) return lines;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("each line is written once, for this user alone, and none of level debug", () =>
  inFolder(async (folder) => {
    const path = `${folder}/new/opencode-2.log`;
    const log = openLog(path, at);
    log("debug", "no");
    log("warn", "one\ntwo");
    log("warn", "one\ntwo");
    log("error", "three");
    assertEquals(await linesOf(path, 2), [
      "1970-01-01T00:00:00.000Z warn: one two",
      "1970-01-01T00:00:00.000Z error: three",
    ]);
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  }));

Deno.test("a long log begins anew, and one that cannot be written does no harm", () =>
  inFolder(async (folder) => {
    const path = `${folder}/opencode-2.log`;
    await Deno.writeTextFile(path, "x\n".repeat(200_000));
    openLog(path, at)("info", "new");
    while ((await Deno.stat(path)).size > 1_000) await new Promise((done) => setTimeout(done, 1));
    assertMatch((await linesOf(path, 1)).join(), /info: new$/);
    openLog("/dev/null/below", at)("error", "nowhere");
  }));

Deno.test("the log is in the folder of the user's caches", () => {
  assertEquals(logPath({}, "/h"), "/h/.cache/opencode-kimi-full/opencode-2.log");
});
