/** What the tests of the repository know of its source files. */

import { dirname, fromFileUrl, join, relative } from "@std/path";

/** The repository. */
export const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** A function and its length in lines; one that it holds counts as one line. */
export interface FunctionLength {
  readonly name: string;
  readonly lines: number;
}

/** A source file. */
export interface SourceFile {
  /** Below the repository, with slashes. */
  readonly path: string;
  readonly lines: number;
  /** Specifiers as they are written, of types too. */
  readonly imports: readonly string[];
  /** Those of them that are imported when they are needed. */
  readonly dynamicImports: readonly string[];
  /** Names of everything that the code speaks of; not its comments and texts. */
  readonly names: ReadonlySet<string>;
  readonly functions: readonly FunctionLength[];
  readonly hasDefaultExport: boolean;
}

/** Paths of all files below a folder of the repository, in order. */
export function filesBelow(folder: string): readonly string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesBelow(path) : [path];
  }).sort();
}

/** The file that a relative specifier means; undefined for one that is not relative. */
export function target({ path }: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return relative(ROOT, join(ROOT, dirname(path), specifier)).replaceAll("\\", "/");
}

const known = new Map<string, SourceFile>();

/** Reads a source file by the parser of `deno lint`; each once. */
export function readSource(path: string): SourceFile {
  const source = known.get(path) ?? parse(path);
  known.set(path, source);
  return source;
}

function parse(path: string): SourceFile {
  const text = Deno.readTextFileSync(join(ROOT, path));
  const imports: string[] = [];
  const dynamicImports: string[] = [];
  const names = new Set<string>();
  const spans: Span[] = [];
  let hasDefaultExport = false;
  const noteSource = (source: Deno.lint.Expression | null | undefined, into = imports) => {
    if (source?.type === "Literal" && typeof source.value === "string") into.push(source.value);
  };
  const noteSpan = ({ range: [start, end] }: Deno.lint.Node) => {
    spans.push({ start: lineOf(text, start), end: lineOf(text, end), offset: start });
  };
  const rule: Deno.lint.Rule = {
    create: () => ({
      ImportDeclaration: (node) => noteSource(node.source),
      ExportNamedDeclaration: (node) => noteSource(node.source),
      ExportAllDeclaration: (node) => noteSource(node.source),
      ImportExpression: (node) => {
        noteSource(node.source);
        noteSource(node.source, dynamicImports);
      },
      ExportDefaultDeclaration: () => void (hasDefaultExport = true),
      Identifier: (node) => void names.add(node.name),
      FunctionDeclaration: noteSpan,
      FunctionExpression: noteSpan,
      ArrowFunctionExpression: noteSpan,
    }),
  };
  Deno.lint.runPlugin({ name: "source", rules: { read: rule } }, path, text);
  const functions = lengths(spans, text);
  const lines = text.split("\n").length - 1;
  return { path, lines, imports, dynamicImports, names, functions, hasDefaultExport };
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function lengths(spans: readonly Span[], text: string): readonly FunctionLength[] {
  const holds = (outer: Span, inner: Span) =>
    outer !== inner && outer.start <= inner.start && inner.end <= outer.end &&
    outer.end - outer.start > inner.end - inner.start;
  return spans.map((span) => {
    const inner = spans.filter((other) => holds(span, other));
    const direct = inner.filter((other) => !inner.some((between) => holds(between, other)));
    const held = direct.reduce((sum, { start, end }) => sum + end - start, 0);
    const line = text.slice(span.offset).split("\n", 1)[0] ?? "";
    return { name: line.trim(), lines: span.end - span.start + 1 - held };
  });
}
