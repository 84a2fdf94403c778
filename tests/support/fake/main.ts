import { startFakeKimi } from "./kimi.ts";
import type { FakeSettings } from "./types.ts";

/** Runs a fake until stdin closes: `deno run -A tests/support/fake/main.ts '{"tokenLifetime":2}'`. */
async function main(): Promise<void> {
  const settings: Partial<FakeSettings> = JSON.parse(Deno.args[0] ?? "{}");
  await using fake = await startFakeKimi(settings);
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify({ url: fake.url }) + "\n"));
  await Deno.stdin.readable.pipeTo(new WritableStream());
}

if (import.meta.main) await main();
