import { assert, assertEquals } from "@std/assert";
import type { Measured } from "./soak.ts";

const SOAK = new URL("./soak.ts", import.meta.url).pathname;

interface Results {
  readonly soak: Measured;
  readonly lines: Measured;
  readonly oneLine: Measured;
}

/** Measured in a process of its own, where no other test's garbage is. */
async function measure(): Promise<Results> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "--v8-flags=--expose-gc", SOAK],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    const { code, stdout, stderr } = await child.output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

Deno.test("contract 14: memory stays as it is through 2,000 requests and streams of 100 MB", async (t) => {
  const { soak, lines, oneLine } = await measure();
  await t.step("2,000 requests leave nothing behind", () => {
    assert(soak.count >= 2_600, `${soak.count} requests`);
    assert(soak.growth < 500_000, `${soak.growth} bytes more`);
  });
  await t.step("100 MB of events pass in constant memory, faster than any network", () => {
    assert(lines.growth < 4_000_000, `${lines.growth} bytes more`);
    assert(lines.milliseconds < 10_000, `${lines.milliseconds} ms`);
  });
  await t.step("100 MB without a line's end pass in constant memory too", () => {
    assert(oneLine.growth < 8_000_000, `${oneLine.growth} bytes more`);
    assert(oneLine.milliseconds < 10_000, `${oneLine.milliseconds} ms`);
  });
});
