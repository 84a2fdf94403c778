/** Our modules give the results of the real kimi-cli, which `deno task parity --write` stores. */
import { assert, assertEquals } from "@std/assert";
import { FAMILIES } from "../../scripts/parity/modules/families.ts";
import { readGolden } from "../../scripts/parity/modules/golden.ts";
import { compareBodies } from "../support/judge.ts";

for (const family of FAMILIES) {
  const { job, contracts, compared } = family;
  Deno.test(`contract ${contracts.join(", ")}, golden ${job}: ${compared}`, async () => {
    const golden = await readGolden(family);
    const cases = JSON.stringify(golden.map((item) => item.case));
    assert(golden.length > 0 && cases === JSON.stringify(family.cases()), "made of other cases");
    for (const { case: given, result } of golden) {
      assertEqualOrRepaired(await family.ours(given), result, JSON.stringify(given).slice(0, 200));
    }
  });
}

/** Bodies may differ if the service would refuse kimi-cli's. */
function assertEqualOrRepaired(ours: unknown, theirs: unknown, name: string): void {
  if (!isBodies(ours) || !isBodies(theirs)) return assertEquals(ours, theirs, name);
  assertEquals(ours.length, theirs.length, name);
  ours.forEach((body, index) => {
    const relation = compareBodies(theirs[index] ?? "", body);
    assert(relation.is !== "different", `${name}: ${relation.is === "different" && relation.why}`);
  });
}

function isBodies(result: unknown): result is readonly string[] {
  return Array.isArray(result) &&
    result.every((item) => typeof item === "string" && item.startsWith("{"));
}
