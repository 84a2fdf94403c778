/** The Chinese README holds what the English one holds, block for block. */

import { assert, assertEquals } from "@std/assert";
import { anchors, codeSpans, links, readMarkdown, tableRows } from "../support/markdown.ts";

const ENGLISH = "README.md";
const CHINESE = "README.zh-CN.md";

/** What stands between blank lines: a paragraph, list, quotation, table, heading, or a block of code. */
type Block = string;

function blocks(path: string): readonly Block[] {
  const text = readMarkdown(path).trim();
  return text.split(/(^```[\s\S]*?^```$)/m).flatMap((part) =>
    part.startsWith("```") ? [part] : part.split(/\n{2,}/).map((block) => block.trim())
  ).filter((block) => block !== "");
}

/** Those of the README in a language, but for the one that leads to the other language. */
const [ENGLISH_BLOCKS, CHINESE_BLOCKS] = [
  blocks(ENGLISH).filter((block) => !block.startsWith("English | ")),
  blocks(CHINESE).filter((block) => !block.endsWith(" | 简体中文")),
];
const PAIRS = ENGLISH_BLOCKS.map((block, index) => [block, CHINESE_BLOCKS[index] ?? ""] as const);

function kind(block: Block): string {
  const [mark = ""] = /^(?:#+ |```\w*|\||>|- |!\[)/.exec(block) ?? [];
  return mark === "" ? "paragraph" : mark.trim();
}

/** What must be the same in both, in whatever order: Chinese puts words elsewhere. */
function facts(text: string): readonly string[] {
  const prose = text.replace(/`[^`\n]+`/g, " ").replace(/\]\(#[^)]+\)/g, "](#)");
  return [
    ...codeSpans(text),
    ...prose.match(/https?:\/\/[\w./-]+|[\w.]+@[\w.]+\.\w+|\]\([^)]+\)/g) ?? [],
    // Months are words in English.
    ...prose.replace(/\d+ 月/g, "").match(/\d+(?:\.\d+)*/g) ?? [],
    ...prose.match(/\w*[a-z]_\w+|\*\*/g) ?? [],
    ...text.match(/^(?:> )?(?:```\w*|- )/gm) ?? [],
  ].toSorted();
}

Deno.test("both READMEs have the same headings, by level, and the same kinds of blocks between", () => {
  assertEquals(CHINESE_BLOCKS.map(kind), ENGLISH_BLOCKS.map(kind));
  const headings = PAIRS.filter(([english]) => english.startsWith("#"));
  assert(headings.length > 15 && PAIRS.length > 100, `${headings.length} of ${PAIRS.length}`);
  const left = headings.filter(([, chinese]) => !/\p{Script=Han}/u.test(chinese));
  assertEquals(left.map(([, chinese]) => chinese), ["# opencode-kimi-full"]);
});

Deno.test("both READMEs have the same code, byte for byte", () => {
  const code = (text: string) => text.match(/^(?:> )?```[\s\S]*?^(?:> )?```$/gm) ?? [];
  const pairs = PAIRS.filter(([english]) => code(english).length > 0);
  assert(pairs.length > 12);
  for (const [english, chinese] of pairs) assertEquals(code(chinese), code(english));
});

Deno.test("both READMEs have the same tables, with the same names and numbers cell by cell", () => {
  const tables = PAIRS.filter(([english]) => english.startsWith("|"));
  assert(tables.length > 15);
  for (const [english, chinese] of tables) {
    const [rows, translated] = [tableRows(english), tableRows(chinese)];
    assertEquals(translated.map((row) => row.length), rows.map((row) => row.length), english);
    assertEquals(translated.map((row) => row.map(facts)), rows.map((row) => row.map(facts)));
    assertEquals(facts(chinese), facts(english), "the head");
  }
});

Deno.test("both READMEs' texts have the same names, numbers, links and list items, block by block", () => {
  for (const [english, chinese] of PAIRS) {
    if (/^[`|]/.test(english)) continue;
    assertEquals(facts(chinese), facts(english), `${english}\n\n${chinese}`);
  }
});

Deno.test("both READMEs' links within lead to the same sections", () => {
  const order = (path: string) => [...anchors(readMarkdown(path))];
  const [english, chinese] = [order(ENGLISH), order(CHINESE)];
  assertEquals(chinese.length, english.length);
  const places = (text: string, names: readonly string[]) =>
    links(text).filter((target) => target.startsWith("#"))
      .map((target) => names.indexOf(target.slice(1))).toSorted();
  for (const [block, translation] of PAIRS) {
    const to = places(block, english);
    assert(!to.includes(-1), block);
    assertEquals(places(translation, chinese), to, translation);
  }
});

Deno.test("the Chinese README's text is Chinese, a paragraph a line: a break would show as a space", () => {
  for (const [english, chinese] of PAIRS) {
    const isProse = /^(?:paragraph|!\[|>|-)$/.test(kind(english)) && /[a-z]{3}/.test(english);
    if (!isProse || english === "MIT") continue;
    assert(/\p{Script=Han}/u.test(chinese), chinese);
    assert(!/\n(?![->])/.test(chinese), chinese);
  }
});

Deno.test("each README names the other below its title", () => {
  assertEquals(blocks(ENGLISH)[1], "English | [简体中文](./README.zh-CN.md)");
  assertEquals(blocks(CHINESE)[1], "[English](./README.md) | 简体中文");
});
