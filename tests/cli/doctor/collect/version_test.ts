import { assertEquals } from "@std/assert";
import { compareVersions } from "../../../../lib/cli/doctor/collect/version.ts";

/** From the oldest to the newest, as in the example of semver.org. */
const ORDERED = [
  ...["0.9.10", "0.10.0", "1.0.0-0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta"],
  ...["1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "2.0.0-0"],
];

Deno.test("compareVersions() orders versions and their pre-releases as semver does", () => {
  for (const [index, one] of ORDERED.entries()) {
    for (const [place, other] of ORDERED.entries()) {
      const order = Math.sign(compareVersions(one, other));
      assertEquals(order, Math.sign(index - place), `${one} and ${other}`);
    }
  }
});

Deno.test("compareVersions() ignores a leading v and build metadata", () => {
  assertEquals(compareVersions("v1.2.3", "1.2.3+build.5"), 0);
  assertEquals(compareVersions("1.2.3-rc.1+build", "1.2.3-rc.1"), 0);
});

Deno.test("compareVersions() returns 0 if a version cannot be read", () => {
  for (const other of ["", "latest", "1.2", "git+https://x.example/y"]) {
    assertEquals(compareVersions("1.2.3", other), 0);
    assertEquals(compareVersions(other, "1.2.3"), 0);
  }
});
