/**
 * Tries the built package in Node for Windows under Wine: device, doctor, auth.json and its lock. Sockets do
 * not work there, so nothing is sent. Skipped with a word if Wine is not installed. Exits with 1 if a case
 * fails.
 */
import { CASES } from "./cases.ts";
import { openWindows } from "./wine.ts";
import { buildNpm } from "../build_npm.ts";
import { write } from "../shared/write.ts";

async function main(): Promise<number> {
  await using windows = await openWindows();
  if (windows === undefined) {
    write("Skipped: Wine is not installed (Debian: apt install wine wine64)\n");
    return 0;
  }
  const { dir } = await buildNpm();
  let failed = 0;
  for (const { holds, check } of CASES.filter(({ isSkipped }) => !isSkipped)) {
    const fault = await check({ windows, dir }).catch((error) => `${error}`);
    if (fault !== undefined) failed++;
    write(`  ${fault === undefined ? "ok  " : "FAIL"} ${holds}\n`);
    if (fault !== undefined) write(`       ${fault}\n`);
  }
  const skipped = CASES.filter(({ isSkipped }) => isSkipped);
  for (const { holds } of skipped) write(`  skip ${holds}: not as root\n`);
  write(`\n${CASES.length - skipped.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
