/** The options and variables of the pages are those of the code. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { doctor } from "../../lib/cli/doctor/doctor.ts";
import { login } from "../../lib/cli/login/login.ts";
import { usage } from "../../lib/cli/usage/usage.ts";
import { readOptions } from "../../lib/kimi/plugin_options.ts";
import { codeSpans, readMarkdown, section, tableRows } from "../support/markdown.ts";
import { filesBelow, ROOT } from "../support/source.ts";

const CONFIGURATION = readMarkdown("docs/configuration.md");

Deno.test("docs/configuration.md lists the plugin's options with their defaults", () => {
  assertEquals(
    tableRows(CONFIGURATION, "option").map(([name, value]) => [name, value]),
    Object.entries(readOptions({}).options)
      .map(([name, value]) => [`\`${name}\``, `\`${JSON.stringify(value)}\``]),
  );
});

Deno.test("docs/configuration.md lists each environment variable that the code reads, once", () => {
  const read = /\b(?:variables|env)\.([A-Z][A-Z0-9_]+)|"((?:KIMI|OPENCODE|XDG)_[A-Z_]+)"/g;
  const names = filesBelow("lib").flatMap((path) => {
    const text = Deno.readTextFileSync(join(ROOT, path)).replace(
      /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm,
      "",
    );
    return [...text.matchAll(read)].map(([, member, quoted = ""]) => member ?? quoted);
  });
  const listed = tableRows(CONFIGURATION, "variable").flatMap(([cell = ""]) => codeSpans(cell));
  // The runtimes themselves read NO_COLOR.
  assertEquals(listed.toSorted(), [...new Set([...names, "NO_COLOR"])].toSorted());
});

for (const { name, options } of [login, doctor, usage]) {
  Deno.test(`docs/commands.md lists the options of ${name}`, () => {
    const rows = tableRows(section(readMarkdown("docs/commands.md"), name), "option");
    const listed = rows.map(([cell = ""]) => /--([\w-]+)/.exec(cell)?.[1]);
    assertEquals(listed.toSorted(), options.map((option) => option.name).toSorted());
  });
}
