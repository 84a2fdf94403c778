/** Our modules give the results of the real kimi-cli, which `deno task parity --write` stores. */
import { assert, assertEquals } from "@std/assert";
import { FAMILIES } from "../../scripts/parity/modules/families.ts";
import { readGolden } from "../../scripts/parity/modules/golden.ts";

for (const family of FAMILIES) {
  const { job, contracts, compared } = family;
  Deno.test(`contract ${contracts.join(", ")}, golden ${job}: ${compared}`, async () => {
    const golden = await readGolden(family);
    const cases = JSON.stringify(golden.map((item) => item.case));
    assert(golden.length > 0 && cases === JSON.stringify(family.cases()), "made of other cases");
    for (const { case: given, result } of golden) {
      assertEquals<unknown>(await family.ours(given), result, JSON.stringify(given).slice(0, 200));
    }
  });
}
