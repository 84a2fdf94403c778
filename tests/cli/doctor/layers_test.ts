/** doctor reads the machine, derives, asks, checks and reports, in this order. */

import { assertEquals } from "@std/assert";
import { filesBelow, readSource, target } from "../../support/source.ts";

const ROOT = "lib/cli/doctor/";

/** A file or folder may import itself and those before it. */
const LAYERS = [
  ...["collect/", "diagnosis.ts", "wire_body.ts", "online.ts", "checks/", "report/", "doctor.ts"],
];

function layer(path: string): number {
  return LAYERS.findIndex((name) => path.startsWith(`${ROOT}${name}`));
}

Deno.test("doctor's files import only from their own layer and earlier ones", () => {
  const files = filesBelow("lib/cli/doctor").map(readSource);
  assertEquals(files.filter(({ path }) => layer(path) === -1), []);
  const breaches = files.flatMap((file) =>
    file.imports.flatMap((specifier) => target(file, specifier) ?? [])
      .filter((path) => path.startsWith(ROOT) && layer(path) > layer(file.path))
      .map((path) => `${file.path} imports ${path}`)
  );
  assertEquals(breaches, []);
});
