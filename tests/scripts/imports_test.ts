import { assertEquals } from "@std/assert";
import { filesBelow, readSource, target } from "../support/source.ts";

/** Imports of a folder's files that match a pattern, one a line. */
function imports(folder: string, pattern: RegExp): readonly string[] {
  const files = filesBelow(folder).filter((path) => path.endsWith(".ts")).map(readSource);
  return files.flatMap((file) =>
    file.imports.map((specifier) => target(file, specifier) ?? "")
      .filter((path) => pattern.test(path)).map((path) => `${file.path}: ${path}`)
  );
}

Deno.test("only the tests of scripts import from scripts/", () => {
  const found = imports("tests", /^scripts\//);
  assertEquals(found.filter((line) => !line.startsWith("tests/scripts/")), []);
});

Deno.test("scripts import from lib/, scripts/ and tests/support/, and from no test", () => {
  assertEquals(imports("scripts", /^tests\/(?!support\/)/), []);
});
