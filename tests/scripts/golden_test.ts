/** Our modules give the results of the real clients, which `deno task parity --write` stores. */
import { assert, assertEquals } from "@std/assert";
import { familyPairs } from "../../scripts/parity/family.ts";
import { type GoldenFiles, readGolden } from "../../scripts/parity/golden.ts";
import { KIMI_CODE_GOLDEN } from "../../scripts/parity/kimi_code/families.ts";
import { KIMI_CLI_GOLDEN } from "../../scripts/parity/modules/families.ts";
import { check } from "../../scripts/parity/run.ts";

for (const files of [KIMI_CLI_GOLDEN, KIMI_CODE_GOLDEN]) testGolden(files);

function testGolden({ folder, families }: GoldenFiles): void {
  for (const family of families) {
    const { job, kind, contracts, compared } = family;
    const numbers = contracts.join(", ");
    Deno.test(`contract ${numbers}, ${folder}/${job}.json: ${compared}`, async () => {
      const golden = await readGolden(folder, family);
      const cases = JSON.stringify(golden.map((item) => item.case));
      assert(golden.length > 0 && cases === JSON.stringify(family.cases()), "made of other cases");
      const results = { [job]: golden.map(({ result }) => result) };
      const { unequal } = check(kind, compared, await familyPairs(family, results));
      const shown = unequal.map(({ name, theirs, ours }) => `${name}: ${ours}, not ${theirs}`);
      assertEquals(shown.slice(0, 5), []);
    });
  }
}
