/** What each page names exists, and the pages agree with each other. */

import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { DEVIATIONS } from "../../lib/kimi/deviations.ts";
import { toWireName } from "../../lib/kimi/chat/tool_names.ts";
import { VERSION } from "../../lib/kimi/identity/constants.ts";
import { convertTool } from "../../lib/kimi/kimi_cli/body.ts";
import { isObject, objectOf } from "../../lib/kimi/util/json.ts";
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
const CONTRIBUTING = readMarkdown("CONTRIBUTING.md");
const PAGES = [
  ...[...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => name.endsWith(".md")),
  ...filesBelow("docs"),
];

for (const [page, bytes] of [["README.md", 14_000], ["AGENTS.md", 8_000]] as const) {
  Deno.test(`${page} is at most ${bytes} bytes long`, () => {
    assert(Deno.statSync(join(ROOT, page)).size <= bytes);
  });
}

Deno.test("the README warns about the identity before it shows how to log in", () => {
  const warning = README.indexOf("**Read this before you log in.**");
  assert(warning !== -1 && warning < README.indexOf("\n## Log in\n"));
});

Deno.test(".ci/run runs the README's test command", () => {
  const [command = ""] = codeLines(README, ["sh"]).filter((line) => line.endsWith(" task test"));
  assert(command !== "");
  assert(Deno.readTextFileSync(join(ROOT, ".ci/run")).includes(`${command} 2>&1`));
});

for (const page of ["README.md", "README.zh-CN.md", "docs/install.md"]) {
  Deno.test(`${page} installs this version`, () => {
    const named = [...readMarkdown(page).matchAll(/opencode-kimi-full[@-](\d[\w.-]*\d)/g)];
    assertEquals(new Set(named.map(([, version]) => version)), new Set([VERSION]));
  });
}

Deno.test("the README's messages are those of docs/troubleshooting.md", () => {
  const all = tableRows(readMarkdown("docs/troubleshooting.md"), "message").map(([text]) => text);
  const some = tableRows(README, "message").map(([text]) => text);
  assertEquals(some.length, 5);
  assertEquals(some.filter((text) => !all.includes(text)), []);
});

Deno.test("docs/wire-format.md lists each deviation with its reason, and no other", () => {
  const rows = tableRows(readMarkdown("docs/wire-format.md"), "difference");
  const mark = (is: boolean) => is ? "✓" : "";
  assertEquals(
    rows,
    DEVIATIONS.map(({ what, why, clients }) => [
      ...[what, why, mark(clients.includes("kimi-cli")), mark(clients.includes("kimi-code"))],
    ]),
  );
});

for (
  const [column, wrapped, sentOf] of [
    [
      "schema of a parameter",
      (schema: unknown) => ({ type: "object", properties: { v: schema } }),
      (parameters: unknown) => objectOf(objectOf(parameters).properties).v,
    ],
    ["parameters of a tool", (schema: unknown) => schema, (parameters: unknown) => parameters],
  ] as const
) {
  Deno.test(`docs/wire-format.md repairs each ${column} as the code does`, () => {
    const rows = tableRows(readMarkdown("docs/wire-format.md"), "kind", column);
    assert(rows.length >= 5, `${rows.length}`);
    for (const [kind = "", given = "", sent] of rows) {
      const parameters = wrapped(JSON.parse(given.replaceAll("`", "")));
      const { tool } = convertTool({ type: "function", function: { name: kind, parameters } });
      const made = isObject(tool) ? objectOf(tool.function).parameters : undefined;
      assertEquals(`\`${JSON.stringify(sentOf(made))}\``, sent, kind);
    }
  });
}

Deno.test("docs/wire-format.md has the wire name of its example", () => {
  const spans = codeSpans(section(readMarkdown("docs/wire-format.md"), "Tool names"));
  assert(spans.includes("21st_list_parts") && spans.includes(toWireName("21st_list_parts")));
});

Deno.test("AGENTS.md has 14 contracts, and a test names each", () => {
  const agents = readMarkdown("AGENTS.md");
  const numbers = [...agents.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => number);
  assertEquals(numbers, Array.from({ length: 14 }, (_, index) => `${index + 1}`));
  const named = new Set(
    filesBelow("tests").filter((path) => path.endsWith(".ts")).flatMap((
      path,
    ) => [...Deno.readTextFileSync(join(ROOT, path)).matchAll(/["`(]contract (\d+):/g)]).map((
      [, number],
    ) => number),
  );
  assertEquals(numbers.filter((number) => !named.has(number)), []);
});

Deno.test("each contract of AGENTS.md names a file that has tests of its number", () => {
  const [, contracts = ""] = readMarkdown("AGENTS.md").split("## Contracts to keep intact");
  for (
    const [, number, text = ""] of contracts.matchAll(/^(\d+)\. ([\s\S]*?)(?=\n\d+\. |\n\n)/gm)
  ) {
    const named = codeSpans(text).filter((code) => /^tests\/.*(?:\.ts|\/)$/.test(code));
    const files = filesBelow("tests").filter((path) => named.some((name) => path.startsWith(name)));
    const isTest = new RegExp(`["\`(]contract ${number}:`);
    assert(
      files.some((path) => isTest.test(Deno.readTextFileSync(join(ROOT, path)))),
      `contract ${number}: ${named.join(", ")}`,
    );
  }
});

Deno.test("the glossary of CONTRIBUTING.md has at most 20 words", () => {
  const words = tableRows(CONTRIBUTING, "word");
  assert(words.length > 10 && words.length <= 20, `${words.length}`);
});

for (const page of PAGES) {
  Deno.test(`each link of ${page} leads somewhere`, () => {
    const own = links(readMarkdown(page)).filter((target) => !/^(?:https?|mailto):/.test(target));
    assertEquals(own.filter((target) => !exists(page, target)), []);
  });

  Deno.test(`each task and command that ${page} names exists`, () => {
    const { tasks, exports } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
    const text = readMarkdown(page);
    const lines = [...codeLines(text, ["sh"]), ...codeSpans(text)].join("\n");
    const named = (pattern: RegExp) => [...lines.matchAll(pattern)].map(([, name = ""]) => name);
    const missing = [
      ...named(/\btask ([a-z][\w-]*)/g).filter((task) => !Object.hasOwn(tasks, task)),
      ...named(/(?:jsr:@kimi\/full\/|npx (?:-y )?opencode-kimi-full(?:@\S+)? )(\w+)/g)
        .filter((command) => !Object.hasOwn(exports, `./${command}`)),
    ];
    assertEquals(missing, []);
  });

  Deno.test(`each file of the repository that ${page} names exists`, () => {
    const folders = ["lib", "tests", "scripts", "docs", "findings", ".ci", ".github"];
    const known = [...folders.flatMap(filesBelow), "mod.ts", "deno.json"];
    const named = codeSpans(readMarkdown(page)).filter((code) =>
      /^(?:(?:lib|tests|scripts|docs|findings|\.ci|\.github)\/[\w./*-]*|[\w*-]+\.ts)$/.test(code)
    );
    assertEquals(named.filter((name) => !known.some((path) => pathPattern(name).test(path))), []);
  });
}

function exists(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const to = path === "" ? page : join(dirname(page), path);
  try {
    return anchor === undefined
      ? Deno.lstatSync(join(ROOT, to)) !== undefined
      : anchors(readMarkdown(to)).has(anchor);
  } catch {
    return false;
  }
}

/** `*` stands for a part of a name; a folder counts if it has a file. */
function pathPattern(name: string): RegExp {
  const pattern = name.split("*").map((part) => RegExp.escape(part)).join("[^/]*");
  return new RegExp(`(?:^|/)${pattern}${name.endsWith("/") ? "" : "(?:$|/)"}`);
}

Deno.test("the picture of the README has a description, loads nothing and shows no secret", async () => {
  const [, words = "", path = ""] = /!\[([^\]]*)\]\((\.\/\.github\/[\w-]+\.svg)\)/.exec(README) ??
    [];
  assert(words.length > 80, "a description");
  const svg = await Deno.readTextFile(join(ROOT, path));
  assert(svg.length < 150_000, `${svg.length} characters`);
  const markup = svg.replace(/<text[^>]*>[^<]*<\/text>/g, "")
    .replace(' xmlns="http://www.w3.org/2000/svg"', "");
  assert(!/<script|<foreignObject|<image|@import|url\(|\bon\w+=|https?:/i.test(markup));
  assert(!/FAKETOKEN|\/home\/|\/tmp\/|\/root|127\.0\.0\.1|@[\w-]+:/.test(svg));
});
