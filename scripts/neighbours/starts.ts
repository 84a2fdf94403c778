/** Starts of the real opencode with a neighbour, with us, and with both, in turn. */

import {
  type Neighbour,
  openBeside,
  pluginsOf,
  type Setting,
} from "../../tests/support/opencode/neighbours.ts";
import { startFakeKimi } from "../../tests/support/fake/kimi.ts";
import { succeeded } from "../../tests/support/opencode/opencode.ts";
import type { OpencodeVersion } from "../../tests/support/tools.ts";
import { rotated } from "../bench/measure.ts";
import { type Spread, spread } from "../bench/statistics.ts";

const WAYS = ["none", "ours", "theirs", "both"] as const;

/** Which plugins opencode has. */
export type Way = typeof WAYS[number];

/** Times `opencode models`, which starts and sets up all providers; in milliseconds. */
export async function measureStarts(
  neighbour: Neighbour,
  version: OpencodeVersion,
  ours: string,
  rounds: number,
): Promise<Readonly<Record<Way, Spread>>> {
  await using kimi = await startFakeKimi();
  const setting: Setting = { version, kimi, neighbour };
  await using none = await openBeside([], setting);
  await using alone = await openBeside([ours], setting);
  await using theirs = await openBeside([neighbour.spec], setting);
  await using both = await openBeside(pluginsOf(ours, neighbour, "ours last"), setting);
  const homes = { none, ours: alone, theirs, both };
  const times: Record<Way, number[]> = { none: [], ours: [], theirs: [], both: [] };
  for (let round = -1; round < rounds; round++) {
    for (const way of rotated(WAYS, round)) {
      const { took } = succeeded(await homes[way].command(["models"]));
      if (round >= 0) times[way].push(took);
    }
  }
  const { none: a, ours: b, theirs: c, both: d } = times;
  return { none: spread(a), ours: spread(b), theirs: spread(c), both: spread(d) };
}
