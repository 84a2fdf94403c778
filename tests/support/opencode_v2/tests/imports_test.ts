import { assert, assertEquals } from "@std/assert";
import { filesBelow, readSource, target } from "../../source.ts";

Deno.test("the fakes of Kimi and of opencode 2.x, which judge the library, import nothing of it", () => {
  const files = ["fake", "opencode_v2"].flatMap((name) => filesBelow(`tests/support/${name}`))
    .filter((path) => path.endsWith(".ts") && !path.includes("/tests/")).map(readSource);
  assert(files.length > 30);
  const imported = files.flatMap((file) =>
    file.imports.flatMap((specifier) => target(file, specifier) ?? [])
  );
  assertEquals(imported.filter((path) => !path.startsWith("tests/support/")), []);
});
