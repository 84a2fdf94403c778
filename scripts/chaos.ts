/**
 * Several opencodes on one auth.json while everything goes wrong, once for each seed.
 *
 * `--seeds N` runs so many, 20 unless told; `--seed S` begins there instead of at a random one;
 * `--after` loses answers after the service has rotated; `--calm` leaves out slow and full disks, a slow
 * service, a clock that jumps and deaths at each step of a refresh. Ends with 1 where anything does not hold.
 *
 * Every second seed takes one to two minutes: a disk of up to 6 s and a token endpoint of up to 14.9 s are real
 * delays, since the time of a lock is real too.
 *
 * @module
 */
import { type ChaosReport, runChaos } from "../tests/support/chaos/chaos.ts";
import { problemsOf } from "../tests/support/chaos/verdict.ts";
import { write } from "./shared/write.ts";

interface Orders {
  readonly seeds: number;
  readonly seed: number;
  readonly after: boolean;
  readonly calm: boolean;
}

const USAGE = "Usage: deno task chaos [--seeds N] [--seed S] [--after] [--calm]\n";

/** Gives undefined where they are not understood. */
function readOrders(args: readonly string[]): Orders | undefined {
  const numbers = new Map([["--seeds", 20], ["--seed", Math.floor(Math.random() * 1e6)]]);
  let [after, calm] = [false, false];
  for (let at = 0; at < args.length; at++) {
    const name = args[at] ?? "";
    const value = args[at + 1] ?? "";
    if (name === "--after") after = true;
    else if (name === "--calm") calm = true;
    else if (numbers.has(name) && /^\d+$/.test(value)) {
      numbers.set(name, Number(value));
      at++;
    } else return undefined;
  }
  const [seeds = 0, seed = 0] = numbers.values();
  return seeds > 0 ? { seeds, seed, after, calm } : undefined;
}

function describe(report: ChaosReport, problems: readonly string[]): string {
  const { seed, answered, asked, refreshes, seconds, step, hasDied } = report;
  const mark = problems.length === 0 ? "✓" : "✗";
  const counts = [
    `${answered}/${asked} answered`,
    `${refreshes} refreshes`,
    ...(hasDied ? [`one died at "${step}"`] : []),
    `${seconds.toFixed(1)} s`,
  ];
  return `  ${mark} seed ${seed}: ${[counts.join(", "), ...problems].join("; ")}\n`;
}

/** Gives whether all held; a run that broke off is one that did not. */
async function runSeed(seed: number, { after, calm }: Orders): Promise<boolean> {
  try {
    const report = await runChaos({ seed, after, harsh: !calm, processes: 16 });
    const problems = problemsOf(report, after);
    write(describe(report, problems));
    return problems.length === 0;
  } catch (error) {
    write(`  ✗ seed ${seed}: broke off: ${error instanceof Error ? error.stack : error}\n`);
    return false;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const orders = readOrders(args);
  if (orders === undefined) {
    write(USAGE);
    return 1;
  }
  const { seeds, seed, after, calm } = orders;
  const again = `--seeds ${seeds} --seed ${seed}${after ? " --after" : ""}${calm ? " --calm" : ""}`;
  write(`${seeds} seeds, beginning at ${seed}; to repeat: deno task chaos ${again}\n`);
  let held = 0;
  for (let done = 0; done < seeds; done++) {
    if (await runSeed(seed + done, orders)) held++;
  }
  write(`${held} of ${seeds} seeds held\n`);
  return held === seeds ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
