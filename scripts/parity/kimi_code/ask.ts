/** Calls kimi-code's own functions through `reference.mjs`. */

import { fromFileUrl } from "@std/path";
import type { Jobs } from "../family.ts";
import type { KimiCode } from "../../../tests/support/clients/kimi_code.ts";

const SCRIPT = fromFileUrl(new URL("reference.mjs", import.meta.url));

/** Returns kimi-code's result for each case: JSON text, or `{throws}` with its message. */
export async function askKimiCode({ program, main, version }: KimiCode, jobs: Jobs): Promise<Jobs> {
  const child = new Deno.Command(program, {
    args: [SCRIPT, main],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program that failed early reports why on its stderr.
  const sent = writer.write(new TextEncoder().encode(JSON.stringify({ jobs })))
    .then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  await sent;
  const decoder = new TextDecoder();
  if (!success) {
    const why = /^Error: (.*)$/m.exec(decoder.decode(stderr))?.[1] ?? decoder.decode(stderr);
    throw new Error(`the functions of kimi-code ${version} cannot be called: ${why}`);
  }
  const results: Jobs = JSON.parse(decoder.decode(stdout));
  for (const [job, cases] of Object.entries(jobs)) {
    if (results[job]?.length === cases.length) continue;
    throw new Error(`reference.mjs did not answer ${job}`);
  }
  return results;
}
