/** What lies where, and which way imports point. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { filesBelow, readSource, ROOT, type SourceFile, target } from "./support/source.ts";

/** What the files of a room may import, beside those of their own. */
const DIRECTIONS: Readonly<Record<string, readonly string[]>> = {
  kimi: [],
  client: ["kimi"],
  runtime: ["client", "kimi"],
  opencode: ["runtime", "client", "kimi"],
  cli: ["runtime", "client", "kimi"],
};

/** Folders that hold one of several: none of them may import another. */
const SIBLINGS: Readonly<Record<string, readonly string[]>> = {
  "lib/kimi": ["kimi_cli", "kimi_code"],
  "lib/opencode": ["v1", "v2"],
  "lib/cli": ["login", "doctor", "usage"],
};

const MAX_FILES = 12;

/** The rooms that may import builtins of Node. */
const NODE_ROOMS = ["runtime", "cli"];

/** Names of what an injected environment stands for, or what not all runtimes have. */
const IMPURE = [
  ...["Deno", "process", "Buffer", "require", "console", "globalThis"],
  ...["performance", "setTimeout", "setInterval", "queueMicrotask", "localStorage"],
];

const LIB = filesBelow("lib").map(readSource);
const MOD = readSource("mod.ts");

function room({ path }: Pick<SourceFile, "path">): string {
  return path.split("/")[1] ?? "";
}

function imported(file: SourceFile): readonly string[] {
  return file.imports.flatMap((specifier) => target(file, specifier) ?? []);
}

/** A file and all that it imports, at any distance. */
function reachable(from: SourceFile): readonly SourceFile[] {
  const reached = new Map<string, SourceFile>();
  const visit = (file: SourceFile) => {
    if (reached.has(file.path)) return;
    reached.set(file.path, file);
    for (const path of imported(file)) visit(readSource(path));
  };
  visit(from);
  return [...reached.values()];
}

/** Lines that say which file breaks a rule, and how. */
function breaches(
  files: readonly SourceFile[],
  rule: (file: SourceFile) => readonly string[],
): readonly string[] {
  return files.flatMap((file) => rule(file).map((what) => `${file.path}: ${what}`));
}

Deno.test("lib/ holds only TypeScript files, in folders of known names", () => {
  for (const { path } of LIB) assertMatch(path, /^lib\/[a-z]+\/(?:[a-z0-9_]+\/)*[a-z0-9_]+\.ts$/);
  for (const file of LIB) assert(Object.hasOwn(DIRECTIONS, room(file)), file.path);
});

Deno.test("no folder holds more than 12 files", () => {
  const files = ["lib", "scripts", "tests/support"].flatMap(filesBelow);
  const folders = Map.groupBy(files, (path) => path.slice(0, path.lastIndexOf("/")));
  const full = [...folders].filter(([, { length }]) => length > MAX_FILES);
  assertEquals(full.map(([folder, { length }]) => `${folder}: ${length}`), []);
});

Deno.test("a folder that is one of several imports none of its siblings", () => {
  for (const [parent, names] of Object.entries(SIBLINGS)) {
    const folders = names.map((name) => `${parent}/${name}/`);
    assertEquals(
      breaches(LIB, (file) => {
        const own = folders.find((folder) => file.path.startsWith(folder));
        if (own === undefined) return [];
        const others = folders.filter((folder) => folder !== own);
        return imported(file).filter((path) => others.some((folder) => path.startsWith(folder)));
      }),
      [],
    );
  }
});

/** Tables from the name of a client to what its folder exports. */
const CLIENT_TABLES = "lib/kimi/clients/";

Deno.test("of what all clients share, only the tables of clients import a client's folder", () => {
  const formats = SIBLINGS["lib/kimi"]!.map((name) => `lib/kimi/${name}/`);
  const shared = LIB.filter((file) =>
    room(file) === "kimi" && !file.path.startsWith(CLIENT_TABLES) &&
    !formats.some((folder) => file.path.startsWith(folder))
  );
  assertEquals(
    breaches(
      shared,
      (file) => imported(file).filter((path) => formats.some((f) => path.startsWith(f))),
    ),
    [],
  );
});

Deno.test("the reader of sources sees imports, names and functions", () => {
  const id = readSource("lib/runtime/device/device_id.ts");
  assert(id.imports.includes("node:fs/promises"), "a dynamic import");
  assert(imported(id).includes("lib/kimi/util/python.ts"), "a static import");
  assert(imported(MOD).includes("lib/client/chat/fetch.ts"), "a re-export");
  assert(readSource("lib/runtime/deno.ts").names.has("Deno"), "a name");
  assert(id.functions.length > 5, "functions");
});

Deno.test("imports point inward: from a room to itself and to those of its line in the design", () => {
  assertEquals(
    breaches(LIB, (file) => {
      const allowed = [room(file), ...DIRECTIONS[room(file)] ?? []];
      return imported(file).filter((path) => !allowed.some((to) => path.startsWith(`lib/${to}/`)));
    }),
    [],
  );
});

/** Packages, and the one file that may import each: it is bundled with what reaches that file. */
const PACKAGES: Readonly<Record<string, string>> = { uqr: "lib/cli/login/qr.ts" };

Deno.test("only lib/runtime and lib/cli import builtins of Node, and one file a package", () => {
  assertEquals(
    breaches([...LIB, MOD], (file) =>
      file.imports.filter((specifier) => {
        if (specifier.startsWith(".") || PACKAGES[specifier] === file.path) return false;
        return !specifier.startsWith("node:") || !NODE_ROOMS.includes(room(file));
      })),
    [],
  );
});

Deno.test("the QR code is reached by the login command alone, and by what holds all commands", () => {
  const draws = (file: SourceFile) => reachable(file).some(({ path }) => path === PACKAGES.uqr);
  const names = LIB.filter(draws).map(({ path }) => path.replace("lib/cli/", ""));
  assertEquals(names, [
    "commands.ts",
    "login/login.ts",
    "login/output.ts",
    "login/qr.ts",
    "login/steps.ts",
  ]);
});

Deno.test("nothing that mod.ts exports needs node: or Deno, or a clock or timer of its own", () => {
  const files = reachable(MOD);
  assert(files.length > 20, "the walk found the library");
  assertEquals(
    breaches(files, ({ imports, names }) => [
      ...imports.filter((specifier) => specifier.startsWith("node:")),
      ...IMPURE.filter((name) => names.has(name)),
    ]),
    [],
  );
});

Deno.test("nothing that mod.ts exports reads the clock by itself; it may read a time that is written", () => {
  const reads = /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(/;
  assertEquals(
    reachable(MOD).filter(({ path }) => reads.test(Deno.readTextFileSync(join(ROOT, path)))),
    [],
  );
});

Deno.test("lib/kimi fetches nothing", () => {
  const kimi = LIB.filter((file) => room(file) === "kimi");
  assertEquals(breaches(kimi, ({ names }) => names.has("fetch") ? ["fetch"] : []), []);
});

Deno.test("all that the plugin imports dynamically is loaded ahead, while its files are there", () => {
  const server = readSource("lib/opencode/server.ts");
  const dynamic = reachable(server).flatMap((file) =>
    file.dynamicImports.flatMap((specifier) => target(file, specifier) ?? [])
  );
  const preload = readSource("lib/opencode/v1/preload.ts");
  const ahead = preload.dynamicImports.flatMap((specifier) => target(preload, specifier) ?? []);
  assert(ahead.length > 3);
  assertEquals([...new Set(dynamic)].sort(), [...ahead].sort());
});

Deno.test("constants.ts imports nothing", () => {
  assertEquals(readSource("lib/kimi/identity/constants.ts").imports, []);
});

Deno.test("mod.ts is re-exports by name alone", () => {
  const text = Deno.readTextFileSync(join(ROOT, "mod.ts"));
  const code = text.replace(/\/\*\*[\s\S]*?\*\//g, "");
  const rest = code.replace(/export (?:type )?\{[^{}*]*\} from "\.\/lib\/[a-z_/]+\.ts";/g, "");
  assertEquals(rest.trim(), "");
});

Deno.test("there are two default exports, those that opencode asks for", () => {
  assertEquals(
    [...LIB, MOD].filter((file) => file.hasDefaultExport).map(({ path }) => path),
    ["lib/opencode/server.ts", "lib/opencode/tui.ts"],
  );
});

Deno.test("no file is longer than 250 lines", () => {
  const long = ({ lines }: SourceFile) => lines > 250 ? [`${lines} lines`] : [];
  const others = ["scripts", "tests"].flatMap(filesBelow)
    .filter((path) => path.endsWith(".ts")).map(readSource);
  assertEquals(breaches([...LIB, MOD, ...others], long), []);
});

Deno.test("no function of the library is longer than 40 lines, those that it holds left out", () => {
  const long = ({ functions }: SourceFile) =>
    functions.filter(({ lines }) => lines > 40).map(({ name, lines }) => `${lines} lines: ${name}`);
  assertEquals(breaches(LIB, long), []);
});

Deno.test("no module of the library imports itself by way of others", () => {
  const circular = LIB.filter((file) =>
    imported(file).some((path) => reachable(readSource(path)).some((at) => at.path === file.path))
  );
  assertEquals(circular.map(({ path }) => path), []);
});

const REQUIRED = ["LICENSE", "README.md", "deno.json", "lib", "mod.ts", "npm", "scripts", "tests"];
const PAGES = ["AGENTS.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];
const ALLOWED = [...PAGES, "deno.lock", "docs", "findings"];

/** What git is told to leave out at the top level, and README translations. */
const OTHERS = /^(?:node_modules|coverage|.+\.tgz|README[.-].+\.md)$/;

Deno.test("the top level is that of the design", () => {
  const names = [...Deno.readDirSync(ROOT)].map(({ name }) => name);
  assertEquals(REQUIRED.filter((name) => !names.includes(name)), [], "missing");
  const known = [...REQUIRED, ...ALLOWED];
  const strange = names.filter((name) =>
    !name.startsWith(".") && !known.includes(name) && !OTHERS.test(name)
  );
  assertEquals(strange, [], "not of the design");
});

Deno.test("of npm/, git keeps package.json alone", () => {
  const ignored = Deno.readTextFileSync(join(ROOT, ".gitignore")).split("\n");
  assert(ignored.includes("/npm/*") && ignored.includes("!/npm/package.json"));
});
