/**
 * Puts popular plugins beside ours in the real opencode, against a fake Kimi, and prints what each
 * changes of the other's. Exits with 1 if a promise is broken.
 *
 * `--filter TEXT` takes only the plugins whose names contain it, `--version V` only that release of
 * opencode; `--starts N` also times N starts with each, with us, and with both.
 */
import { parseArgs } from "node:util";
import { findTrace, meet, type Promised } from "../../tests/support/opencode/meeting.ts";
import {
  ID,
  type Neighbour,
  NEIGHBOURS,
  type Order,
} from "../../tests/support/opencode/neighbours.ts";
import { builtPackage } from "../../tests/support/package.ts";
import { OPENCODE_VERSIONS, type OpencodeVersion } from "../../tests/support/tools.ts";
import { measureStarts } from "./starts.ts";
import { write } from "../shared/write.ts";

const OPTIONS = {
  filter: { type: "string", default: "" },
  version: { type: "string", default: "" },
  starts: { type: "string", default: "0" },
} as const;

const ORDERS: readonly Order[] = ["ours first", "ours last"];

/** Gives the number of broken promises. */
async function meetOne(
  neighbour: Neighbour,
  version: OpencodeVersion,
  ours: string,
): Promise<number> {
  write(`${neighbour.spec}, opencode ${version}\n`);
  let broken = report([await findTrace(neighbour, version, ours)]);
  for (const order of ORDERS) {
    write(`${neighbour.spec}, opencode ${version}, ${order}\n`);
    const faults = report(await meet(neighbour, version, ours, order));
    const isConflict = neighbour.provider === ID && order === "ours first";
    if (isConflict) write("  this order loses, as doctor tells\n");
    else broken += faults;
  }
  return broken;
}

function report(promises: readonly Promised[]): number {
  for (const { holds, faults } of promises) {
    write(`  ${faults.length === 0 ? "✓" : "✗"} ${holds}\n`);
    for (const fault of faults) write(`      ${fault.slice(0, 500)}\n`);
  }
  return promises.filter(({ faults }) => faults.length > 0).length;
}

async function tellStarts(
  neighbour: Neighbour,
  version: OpencodeVersion,
  ours: string,
  rounds: number,
): Promise<void> {
  const starts = await measureStarts(neighbour, version, ours, rounds);
  const told = Object.entries(starts).map(([way, { median, low, high }]) =>
    `${way} ${[median, low, high].map(Math.round).join(" ")}`
  );
  write(`  starts in ms, median and quartiles: ${told.join(", ")}\n`);
}

async function main(args: string[]): Promise<number> {
  const { values: { filter, version, starts } } = parseArgs({ args, options: OPTIONS });
  await using built = await builtPackage();
  let broken = 0;
  for (const neighbour of NEIGHBOURS.filter(({ spec }) => spec.includes(filter))) {
    for (const release of OPENCODE_VERSIONS.filter((release) => release.includes(version))) {
      broken += await meetOne(neighbour, release, built.dir);
      const rounds = Number(starts);
      if (rounds > 0) await tellStarts(neighbour, release, built.dir, rounds);
    }
  }
  write(broken === 0 ? "All promises hold\n" : `${broken} promises are broken\n`);
  return broken === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
