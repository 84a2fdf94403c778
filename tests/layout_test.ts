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
const PROTOCOL = readSource("lib/client/protocol.ts");

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

Deno.test("sibling folders do not import each other", () => {
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

Deno.test("readSource() finds imports, names and functions", () => {
  const id = readSource("lib/runtime/device/device_id.ts");
  assert(id.imports.includes("node:fs/promises"), "a dynamic import");
  assert(imported(id).includes("lib/kimi/util/python.ts"), "a static import");
  assert(imported(MOD).includes("lib/client/kimi.ts"), "a re-export");
  assert(readSource("lib/runtime/globals.ts").names.has("Deno"), "a name");
  assert(id.functions.length >= 4, "functions");
});

Deno.test("imports point inward: a folder of lib/ imports itself and the folders listed for it", () => {
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

Deno.test("only lib/runtime and lib/cli import builtins of Node, and one file each package", () => {
  assertEquals(
    breaches([...LIB, MOD], (file) =>
      file.imports.filter((specifier) => {
        if (specifier.startsWith(".") || PACKAGES[specifier] === file.path) return false;
        return !specifier.startsWith("node:") || !NODE_ROOMS.includes(room(file));
      })),
    [],
  );
});

Deno.test("only the login command, and the program of all commands, can reach the QR code", () => {
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

Deno.test("nothing that mod.ts and protocol.ts export needs node:, Deno, a clock or a timer", () => {
  const files = [...new Set([MOD, PROTOCOL].flatMap(reachable))];
  assert(files.length > 20, "the walk found the library");
  assertEquals(
    breaches(files, ({ imports, names }) => [
      ...imports.filter((specifier) => specifier.startsWith("node:")),
      ...IMPURE.filter((name) => names.has(name)),
    ]),
    [],
  );
});

Deno.test("nothing that mod.ts and protocol.ts export reads the clock; it may parse a time", () => {
  const reads = /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(/;
  assertEquals(
    [MOD, PROTOCOL].flatMap(reachable).filter(({ path }) =>
      reads.test(Deno.readTextFileSync(join(ROOT, path)))
    ),
    [],
  );
});

Deno.test("lib/kimi fetches nothing", () => {
  const kimi = LIB.filter((file) => room(file) === "kimi");
  assertEquals(breaches(kimi, ({ names }) => names.has("fetch") ? ["fetch"] : []), []);
});

Deno.test("each dynamic import of the plugin is registered by lazy(), but for its 2.x half", () => {
  const LAZY =
    /^(?:export )?const \w+ = lazy\(\s*"[^"]+",\s*\(\) => import\("([^"]+)"\),?\s*\);$/gm;
  // opencode 1.x must not load the 2.x half in the background.
  const isRegistered = (path: string) => path[0] === "." && path !== "./v2/setup.ts";
  const files = reachable(readSource("lib/opencode/server.ts"));
  const parts = files.flatMap(({ path }) =>
    [...Deno.readTextFileSync(join(ROOT, path)).matchAll(LAZY)].map(([, part]) =>
      `${path}: ${part}`
    )
  );
  assert(parts.length > 3);
  const found = breaches(files, (file) => file.dynamicImports.filter(isRegistered));
  assertEquals(found, parts);
});

Deno.test("constants.ts imports nothing", () => {
  assertEquals(readSource("lib/kimi/identity/constants.ts").imports, []);
});

Deno.test("only the two entries for opencode have a default export", () => {
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

Deno.test("no function of the library is longer than 40 lines, inner functions excepted", () => {
  const long = ({ functions }: SourceFile) =>
    functions.filter(({ lines }) => lines > 40).map(({ name, lines }) => `${lines} lines: ${name}`);
  assertEquals(breaches(LIB, long), []);
});

Deno.test("no module of the library imports itself through others", () => {
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

Deno.test("the top level has the known files and folders only", () => {
  const names = [...Deno.readDirSync(ROOT)].map(({ name }) => name);
  assertEquals(REQUIRED.filter((name) => !names.includes(name)), [], "missing");
  const known = [...REQUIRED, ...ALLOWED];
  const strange = names.filter((name) =>
    !name.startsWith(".") && !known.includes(name) && !OTHERS.test(name)
  );
  assertEquals(strange, [], "not of the design");
});

Deno.test("git keeps only package.json of npm/", () => {
  const ignored = Deno.readTextFileSync(join(ROOT, ".gitignore")).split("\n");
  assert(ignored.includes("/npm/*") && ignored.includes("!/npm/package.json"));
});
