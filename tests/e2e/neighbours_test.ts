/** One popular plugin beside ours; `deno task neighbours` has the others, and both releases. */

import { assertEquals } from "@std/assert";
import { builtPackage } from "../support/package.ts";
import { meet } from "../support/opencode/meeting.ts";
import { NEIGHBOURS } from "../support/opencode/neighbours.ts";

const [neighbour] = NEIGHBOURS.filter(({ spec }) => spec.startsWith("opencode-anthropic-auth@"));

Deno.test(`opencode 1.18.33 beside ${neighbour?.spec}: nothing of either changes`, async () => {
  await using built = await builtPackage();
  const promises = await meet(neighbour!, "1.18.33", built.dir, "ours last");
  assertEquals(promises.filter(({ faults }) => faults.length > 0), []);
});
