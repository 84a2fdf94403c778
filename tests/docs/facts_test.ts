/** The README's tables, commands and links are those of the code. */

import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { doctor } from "../../lib/cli/doctor/doctor.ts";
import { login } from "../../lib/cli/login/login.ts";
import { usage } from "../../lib/cli/usage/usage.ts";
import { VERSION } from "../../lib/kimi/identity/constants.ts";
import { readOptions } from "../../lib/kimi/plugin_options.ts";
import {
  anchors,
  codeLines,
  codeSpans,
  links,
  readMarkdown,
  section,
  tableRows,
} from "../support/markdown.ts";
import { filesBelow, ROOT } from "../support/source.ts";

const README = readMarkdown("README.md");
const CONFIGURE = section(README, "Configure");
const FILES = [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) =>
  name.endsWith(".md")
);
const LIB = filesBelow("lib").map((path) => Deno.readTextFileSync(join(ROOT, path)))
  .map((text) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ""));

Deno.test("the README's options are those that are read, with their defaults", () => {
  const { options } = readOptions({});
  const rows = tableRows(CONFIGURE, "option");
  assertEquals(
    rows.map(([name = "", value = ""]) => [name, value]),
    Object.entries(options).map(([name, value]) => [`\`${name}\``, `\`${JSON.stringify(value)}\``]),
  );
});

/** What the runtime reads for the commands. */
const READ_BY_RUNTIMES = ["NO_COLOR"];

/** Names of the variables that the code reads or asks a permission for. */
function variablesRead(): ReadonlySet<string> {
  const read = /\b(?:variables|env)\.([A-Z][A-Z0-9_]+)|"((?:KIMI|OPENCODE|XDG|NO)_[A-Z_]+)"/g;
  const names = LIB.flatMap((text) =>
    [...text.matchAll(read)].flatMap(([, member, quoted]) => member ?? quoted ?? [])
  );
  return new Set([...names, ...READ_BY_RUNTIMES]);
}

Deno.test("the README's environment variables are those that are read", () => {
  const rows = tableRows(CONFIGURE, "variable");
  const named = rows.flatMap(([names = ""]) => codeSpans(names));
  assertEquals(new Set(named), variablesRead());
  assertEquals(new Set(named).size, named.length, "each once");
});

for (
  const [{ name, options }, heading] of [
    [login, "Without opencode"],
    [doctor, "Doctor"],
    [usage, "Quota"],
  ] as const
) {
  Deno.test(`the README tells each option of ${name}`, () => {
    const told = codeSpans(section(README, heading));
    const untold = options.filter((option) =>
      !told.some((code) => code.split(" ")[0] === `--${option.name}`)
    );
    assertEquals(untold.map((option) => option.name), []);
  });
}

for (const file of ["README.md", "README.zh-CN.md"]) {
  Deno.test(`the contents of ${file} lead to each of its sections but the licence`, () => {
    const text = readMarkdown(file);
    const sections = [...anchors(text.replace(/^(?:# |###+ ).*$/gm, ""))];
    const [contents = ""] = /^\[.*\) · \[.*$/m.exec(text) ?? [];
    assertEquals(links(contents), sections.slice(0, -1).map((anchor) => `#${anchor}`));
  });

  Deno.test(`${file} installs this version`, () => {
    const named = [...readMarkdown(file).matchAll(/opencode-kimi-full[@-](\d[\w.-]*\d)/g)];
    assert(named.length > 2);
    assertEquals(new Set(named.map(([, version]) => version)), new Set([VERSION]));
  });
}

/** Lines that a reader may type. */
function typed(file: string): readonly string[] {
  const text = readMarkdown(file);
  return [...codeLines(text, ["sh"]), ...codeSpans(text)];
}

for (const file of FILES) {
  Deno.test(`each task and command that ${file} names is there`, () => {
    const { tasks, exports } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
    for (const line of typed(file)) {
      for (const [, task = ""] of line.matchAll(/\btask ([a-z][\w-]*)/g)) {
        assert(Object.hasOwn(tasks, task), `there is no task "${task}": ${line}`);
      }
      for (const [, name = ""] of line.matchAll(/jsr:@kimi\/full\/(\w+)/g)) {
        assert(Object.hasOwn(exports, `./${name}`), `there is no entry "${name}": ${line}`);
      }
      for (const [, name = ""] of line.matchAll(/npx (?:-y )?opencode-kimi-full(?:@\S+)? (\w+)/g)) {
        assert(Object.hasOwn(exports, `./${name}`), `there is no command "${name}": ${line}`);
      }
    }
  });

  Deno.test(`each link of ${file} leads somewhere`, () => {
    const own = links(readMarkdown(file)).filter((target) => !/^(?:https?|mailto):/.test(target));
    const missing = own.filter((target) => {
      const [path = "", anchor] = target.split("#");
      const to = path === "" ? file : join(dirname(file), path);
      try {
        return anchor === undefined
          ? Deno.lstatSync(join(ROOT, to)) === undefined
          : !anchors(readMarkdown(to)).has(anchor);
      } catch {
        return true;
      }
    });
    assertEquals(missing, []);
  });

  Deno.test(`each file of the repository that ${file} names is there`, () => {
    const paths = codeSpans(readMarkdown(file)).flatMap((code) =>
      /^(?:(?:lib|tests|scripts|\.ci|\.github)\/[\w./*-]*|[\w-]+\.ts)$/.exec(code)?.[0] ?? []
    );
    const all = [...["lib", "tests", "scripts", ".ci", ".github"].flatMap(filesBelow), "mod.ts"];
    const missing = paths.filter((path) => {
      const pattern = path.split("*").map((part) => RegExp.escape(part)).join("[^/]*");
      const end = path.endsWith("/") ? "" : "(?:$|/)";
      return !all.some((known) => new RegExp(`(?:^|/)${pattern}${end}`).test(known));
    });
    assertEquals(missing, []);
  });
}

Deno.test("the recorded session is one picture, alone with itself, and has words for it", async () => {
  const [, words = "", path = ""] = /!\[([^\]]*)\]\((\.\/\.github\/[\w-]+\.svg)\)/.exec(README) ??
    [];
  assert(words.length > 80, "alternative text");
  const svg = await Deno.readTextFile(join(ROOT, path));
  assert(svg.length < 150_000, `${svg.length} characters`);
  const markup = svg.replace(/<text[^>]*>[^<]*<\/text>/g, "").replace(
    ' xmlns="http://www.w3.org/2000/svg"',
    "",
  );
  assert(!/<script|<foreignObject|<image|@import|url\(|\bon\w+=|https?:/i.test(markup));
  assert(!/FAKETOKEN|\/home\/|\/tmp\/|\/root|127\.0\.0\.1|@[\w-]+:/.test(svg));
});
