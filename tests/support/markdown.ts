/** What the tests of the repository read in its Markdown files. */
import { join } from "@std/path";
import { ROOT } from "./source.ts";

/** One row of a table, cell by cell. */
export type Row = readonly string[];

/** Reads a Markdown file of the repository. */
export function readMarkdown(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

/** What stands under a heading, up to the next one of its level or above. */
export function section(text: string, heading: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.replace(/^#+ /, "") === heading && line !== heading);
  if (start === -1) throw new Error(`there is no heading "${heading}"`);
  const level = /^#+/.exec(lines[start] ?? "")?.[0].length ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => (/^(#+) /.exec(line)?.[1]?.length ?? level + 1) <= level);
  return rest.slice(0, end === -1 ? undefined : end).join("\n");
}

/** The rows of a text's tables, without their heads: of all, or of those whose first columns are named so. */
export function tableRows(text: string, ...columns: readonly string[]): readonly Row[] {
  const blocks = text.split("\n\n").map((block) => block.trim().split("\n").map(cells));
  const tables = blocks.filter(([head]) => head !== undefined && head.length > 0);
  return tables.filter(([head]) => columns.every((column, index) => head?.[index] === column))
    .flatMap((rows) => rows.slice(2));
}

function cells(line: string): Row {
  if (!line.startsWith("|")) return [];
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** What stands between backticks, outside of code blocks. */
export function codeSpans(text: string): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** The lines of all code blocks of the kinds. */
export function codeLines(text: string, kinds: readonly string[]): readonly string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].flatMap(([, kind = "", code = ""]) =>
    kinds.includes(kind) ? code.split("\n").filter((line) => line.trim() !== "") : []
  );
}

/** The names that links into a file go by, as GitHub makes them of its headings. */
export function anchors(text: string): ReadonlySet<string> {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "");
  return new Set(
    [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")
    ),
  );
}

/** Where the links and pictures of a text lead. */
export function links(text: string): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]+`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}
