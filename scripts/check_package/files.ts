/**
 * The exact list of the package's files, and that it comes out of each build.
 *
 * @module
 */
import { dirname, join, relative } from "@std/path";
import { buildNpm, packNpm } from "../build_npm.ts";
import { type Subject, targetsOf } from "./subject.ts";

/** All files but declarations. */
const FILES = [
  "LICENSE",
  "README.md",
  "dist/bin.js",
  "dist/cli.js",
  "dist/mod.js",
  "dist/rest.js",
  "dist/server.js",
  "dist/tui.js",
  "package.json",
];

/** Files that no module imports. */
const READ_BY_PEOPLE = ["LICENSE", "README.md", "package.json"];

/** Declarations, which are those that the entries' ones name. */
const DECLARATION = /^dist\/types\/(?:mod|lib\/(?:[a-z0-9_]+\/)+[a-z0-9_]+)\.d\.ts$/;

/**
 * Checks that the package holds what it names, what that imports, and nothing else.
 *
 * @param subject The installed package.
 * @returns Their number and size.
 */
export async function checkFiles(subject: Subject): Promise<string> {
  const { installed, tarball } = subject;
  const files = (await Array.fromAsync(filesBelow(installed)))
    .map((path) => relative(installed, path).replaceAll("\\", "/")).sort();
  const reached = await reachedFrom(subject);
  const expected = [...new Set([...FILES, ...reached])];
  const strange = files.filter((file) => !FILES.includes(file) && !DECLARATION.test(file));
  const unused = files.filter((file) =>
    !strange.includes(file) && !READ_BY_PEOPLE.includes(file) && !reached.includes(file)
  );
  const problems = [
    ...expected.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...strange.map((file) => `${file} does not belong there`),
    ...unused.map((file) => `${file} is imported by nothing`),
  ];
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const { size } = await Deno.stat(tarball);
  return `${files.length} files, ${(size / 1024).toFixed(1)} KB packed`;
}

/** All that package.json names, and all that this imports, at any distance. */
async function reachedFrom({ installed, manifest }: Subject): Promise<readonly string[]> {
  const reached = new Set<string>();
  const visit = async (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = await Deno.readTextFile(join(installed, file)).catch(() => "");
    for (const specifier of importedBy(file, text)) {
      await visit(join(dirname(file), specifier).replaceAll("\\", "/"));
    }
  };
  for (const target of targetsOf(manifest)) await visit(target);
  return [...reached];
}

/** Relative specifiers, of a declaration those of declarations. */
function importedBy(file: string, text: string): readonly string[] {
  const isDeclaration = file.endsWith(".d.ts");
  if (!isDeclaration && !file.endsWith(".js")) return [];
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'`](\.[^"'`]+)["'`]/g);
  return [...found].map(([, specifier = ""]) =>
    isDeclaration ? specifier.replace(/\.js$/, ".d.ts") : specifier
  );
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/**
 * Checks that a second build gives the same tarball, byte by byte.
 *
 * @param subject The first build.
 * @returns The tarball's digest.
 */
export async function checkSecondBuild({ work, tarball }: Subject): Promise<string> {
  const again = join(work, "again");
  const { dir } = await buildNpm(join(again, "npm"));
  const [first, second] = [await digest(tarball), await digest(await packNpm(dir, again))];
  if (first !== second) throw new Error(`SHA-256 ${first} became ${second}`);
  return `SHA-256 ${first.slice(0, 16)}…`;
}

async function digest(path: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(bytes).toHex();
}
