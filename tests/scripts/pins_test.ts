/** Newer releases of the pinned programs, from registries that are not asked. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { checkPins } from "../../scripts/pins.ts";
import { type Pin, PINS } from "../../scripts/pins/pins.ts";
import { askRelease, compareVersions, type Release } from "../../scripts/pins/releases.ts";
import { issueOf, tableOf } from "../../scripts/pins/report.ts";

const CODE: Pin = {
  name: "kimi-code",
  registry: "npm",
  package: "@moonshot-ai/kimi-code",
  pinned: "2.1.0",
  constant: "CODE in a.ts",
};

const CLI: Pin = {
  name: "kimi-cli",
  registry: "PyPI",
  package: "kimi-cli",
  pinned: "1.51.0",
  constant: "CLI in a.ts",
  skipped: { release: "1.52.0", why: "it only reports its retirement" },
};

/** Registries with these newest releases; a number is the status of a failure. */
function registries(npm: unknown, pypi: unknown = "1.52.0") {
  const asked: string[] = [];
  const fetch = (url: string) => {
    asked.push(url);
    const [value, json] = url.startsWith("https://pypi.org/")
      ? [pypi, { info: { version: pypi } }]
      : [npm, { latest: npm, next: "9.9.9-beta.1" }];
    if (value instanceof Error) return Promise.reject(value);
    const status = typeof value === "number" ? value : 200;
    return Promise.resolve(Response.json(json, { status }));
  };
  return { fetch, asked };
}

/** What the command prints, its exit code, and the releases that it tried. */
async function run(args: readonly string[], npm: unknown, pypi?: unknown) {
  let output = "";
  const tried: string[] = [];
  const code = await checkPins({
    args,
    pins: [CLI, CODE],
    fetch: registries(npm, pypi).fetch,
    tryRelease(release) {
      tried.push(`${release.pin.name} ${release.newest}`);
      return Promise.resolve({ release, output: "thinking differs\n", code: 1 });
    },
    write: (text) => void (output += text),
  });
  return { code, output, tried };
}

Deno.test("compareVersions() compares number by number", () => {
  assert(compareVersions("1.10.0", "1.9.9") > 0);
  assert(compareVersions("2.0", "2.0.1") < 0);
  assertEquals(compareVersions("2.1.0", "2.1.0"), 0);
});

Deno.test("askRelease() asks each registry for one package", async () => {
  const { fetch, asked } = registries("2.1.1");
  assertEquals((await askRelease(CODE, fetch)).newest, "2.1.1");
  assertEquals((await askRelease(CLI, fetch)).newest, "1.52.0");
  assertEquals(asked, [
    "https://registry.npmjs.org/-/package/@moonshot-ai%2fkimi-code/dist-tags",
    "https://pypi.org/pypi/kimi-cli/json",
  ]);
});

Deno.test("a release is new if it is newer than the pin and than the one that was looked at", async () => {
  const isNew = async (pin: Pin, npm: string, pypi: string) =>
    (await askRelease(pin, registries(npm, pypi).fetch)).isNew;
  assertEquals(await isNew(CODE, "2.1.0", ""), false);
  assertEquals(await isNew(CODE, "2.0.9", ""), false);
  assertEquals(await isNew(CODE, "2.2.0", ""), true);
  assertEquals(await isNew(CLI, "", "1.52.0"), false);
  assertEquals(await isNew(CLI, "", "1.52.1"), true);
});

Deno.test("deno task pins exits with 0 if nothing is new, and tries nothing", async () => {
  const { code, output, tried } = await run(["--try"], "2.1.0");
  assertEquals(code, 0);
  assertEquals(tried, []);
  assertEquals(
    output,
    "  program    pinned  newest\n" +
      "  kimi-cli   1.51.0  1.52.0  stays: it only reports its retirement\n" +
      "  kimi-code  2.1.0   2.1.0   up to date\n",
  );
});

Deno.test("deno task pins exits with 1 if something is new, and says which constant to move", async () => {
  const { code, output, tried } = await run([], "2.2.0");
  assertEquals(code, 1);
  assertEquals(tried, []);
  assertStringIncludes(output, "2.2.0   new: move CODE in a.ts");
});

Deno.test("deno task pins --try compares with the new release, and prints what changed", async () => {
  const { code, output, tried } = await run(["--try"], "2.2.0");
  assertEquals(code, 1);
  assertEquals(tried, ["kimi-code 2.2.0"]);
  assertStringIncludes(output, "thinking differs");
});

Deno.test("deno task pins exits with 2 if a registry does not answer, and says what to do", async () => {
  for (const failure of [new TypeError("no route"), 503, "not-a-version"]) {
    const { code, output } = await run([], failure);
    assertEquals(code, 2, output);
    assertStringIncludes(output, "npm");
    assertStringIncludes(output, "  kimi-cli  1.51.0");
  }
  assertStringIncludes((await run([], new TypeError("no route"))).output, "no route. Check the");
  assertStringIncludes((await run([], 503)).output, "status 503");
});

Deno.test("deno task pins exits with 2 and the usage if an argument is wrong", async () => {
  for (const args of [["--other"], ["--issue"], ["--issue", "a", "b"]]) {
    const { code, output } = await run(args, "2.1.0");
    assertEquals([code, output], [2, "Use deno task pins [--try] [--issue FILE]\n"]);
  }
});

Deno.test("deno task pins --issue writes the text of an issue only if something is new", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "issue.md");
    await run(["--issue", file], "2.1.0");
    assertEquals(await Deno.stat(file).catch(() => undefined), undefined);
    await run(["--try", "--issue", file], "2.2.0");
    const text = await Deno.readTextFile(file);
    assert(text.startsWith("# Newer than the pin: kimi-code 2.2.0\n"), text);
    assertStringIncludes(text, "## kimi-code 2.2.0 beside our modules");
    assertStringIncludes(text, "thinking differs");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a fence in an issue is longer than those of what it holds", () => {
  const release: Release = { pin: CODE, newest: "2.2.0", isNew: true };
  const text = issueOf([release], [{ release, output: "a\n````\nb", code: 1 }]);
  assertStringIncludes(text, "\n`````text\na\n````\nb\n`````\n");
});

Deno.test("every pinned program has a line in the table, and its constant exists", () => {
  const releases = PINS.map((pin) => ({ pin, newest: pin.pinned, isNew: false }));
  for (const { name, pinned, constant } of PINS) {
    assertStringIncludes(tableOf(releases), `  ${name.padEnd(9)}  ${pinned}`);
    const [symbol, path] = constant.split(" in ");
    const url = new URL(`../../${path}`, import.meta.url);
    assertStringIncludes(Deno.readTextFileSync(url), `export const ${symbol} =`);
  }
});
