/** The Chinese README has the content of the English one, block for block. */

import { assert, assertEquals } from "@std/assert";
import { anchors, codeSpans, links, readMarkdown } from "../support/markdown.ts";

/** The parts between blank lines: paragraph, list, quotation, table, heading, or a block of code. */
function blocks(path: string): readonly string[] {
  const parts = readMarkdown(path).trim().split(/(^```[\s\S]*?^```$)/m);
  return parts.flatMap((part) => part.startsWith("```") ? [part] : part.split(/\n{2,}/))
    .map((block) => block.trim()).filter((block) => block !== "");
}

const ENGLISH = blocks("README.md");
const CHINESE = blocks("README.zh-CN.md");
const PAIRS = ENGLISH.map((block, index) => [block, CHINESE[index] ?? ""] as const)
  .filter(([block]) => !block.startsWith("English | "));

function kind(block: string): string {
  return /^(?:#+ |```\w*|\||>|- |!\[)/.exec(block)?.[0] ?? "paragraph";
}

function code(block: string): readonly string[] {
  return block.match(/^(?:> )?```[\s\S]*?^(?:> )?```$/gm) ?? [];
}

/** What must be equal in both languages, in whatever order. */
function facts(block: string): readonly string[] {
  const prose = block.replace(/`[^`\n]+`/g, " ").replace(/\]\(#[^)]+\)/g, "](#)");
  return [
    ...codeSpans(block),
    ...prose.match(/https?:\/\/[\w./-]+|\]\([^)]+\)|\*\*/g) ?? [],
    // English writes months as words.
    ...prose.replace(/\d+ 月/g, "").match(/\d+(?:\.\d+)*/g) ?? [],
    ...block.match(/^- /gm) ?? [],
  ].toSorted();
}

Deno.test("both READMEs have the same headings and kinds of blocks in the same order", () => {
  assertEquals(CHINESE.map(kind), ENGLISH.map(kind));
  assert(PAIRS.length > 50, `${PAIRS.length}`);
});

Deno.test("both READMEs have the same code, names, numbers and links, block by block", () => {
  for (const [english, chinese] of PAIRS) {
    assertEquals(code(chinese), code(english));
    assertEquals(facts(chinese), facts(english), `${english}\n\n${chinese}`);
  }
});

Deno.test("both READMEs' tables have the same names and numbers, cell by cell", () => {
  const cells = (table: string) =>
    table.split("\n").filter((_, index) => index !== 1).map((row) => row.split("|").map(facts));
  const tables = PAIRS.filter(([english]) => english.startsWith("|"));
  assert(tables.length >= 3, `${tables.length}`);
  for (const [english, chinese] of tables) assertEquals(cells(chinese), cells(english));
});

Deno.test("both READMEs' links within the page lead to the same sections", () => {
  const places = (path: string) => {
    const names = [...anchors(readMarkdown(path))];
    return links(readMarkdown(path)).filter((target) => target.startsWith("#"))
      .map((target) => names.indexOf(target.slice(1))).toSorted();
  };
  assertEquals(places("README.zh-CN.md"), places("README.md"));
});

Deno.test("the Chinese README's prose is Chinese, one line a paragraph: a line break shows as a space", () => {
  for (const [english, chinese] of PAIRS) {
    if (/^(?:```|\||MIT$|# )/.test(english)) continue;
    assert(/\p{Script=Han}/u.test(chinese), chinese);
    assert(!/\n(?![->])/.test(chinese), chinese);
  }
});

Deno.test("each README links to the other below its title", () => {
  assertEquals(ENGLISH[1], "English | [简体中文](./README.zh-CN.md)");
  assertEquals(CHINESE[1], "[English](./README.md) | 简体中文");
});
