import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { PUBLISH, release } from "../../scripts/release.ts";
import { runProcess } from "../support/process.ts";

const FILES = {
  "deno.json": '{\n  "name": "@kimi/full",\n  "version": "1.2.3"\n}\n',
  "npm/package.json": '{\n  "name": "opencode-kimi-full",\n  "version": "1.2.3"\n}\n',
  "lib/kimi/identity/constants.ts": 'export const VERSION = "1.2.3";\n',
  "CHANGELOG.md": "# Changelog\n\n## 1.2.3\n\n- New.\n\n## 1.2.2\n\n- Old.\n",
};

interface Repository extends AsyncDisposable {
  readonly root: string;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly git: (...args: readonly string[]) => Promise<void>;
}

/** A committed repository, at the tag unless that is empty. */
async function repository(
  changes: Partial<typeof FILES> = {},
  tag = "v1.2.3",
): Promise<Repository> {
  const root = await Deno.makeTempDir({ prefix: "kimi-release-" });
  const write = async (path: string, text: string) => {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeTextFile(join(root, path), text);
  };
  const settings = ["user.name=t", "user.email=t@example.org", "commit.gpgsign=false"];
  const git = async (...args: readonly string[]) => {
    const how = [...settings, "tag.gpgsign=false"].flatMap((setting) => ["-c", setting]);
    const done = await runProcess("git", { args: [...how, ...args], cwd: root, timeout: 30_000 });
    assertEquals(done.code, 0, done.stderr);
  };
  for (const [path, text] of Object.entries({ ...FILES, ...changes })) await write(path, text);
  await git("init", "--quiet");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "Begin");
  if (tag !== "") await git("tag", tag);
  return { root, write, git, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

interface Told {
  readonly ready: boolean;
  readonly checked: boolean;
  readonly text: string;
}

async function told({ root }: Repository, publisher?: string, isWell = true): Promise<Told> {
  let text = "";
  let checked = false;
  const checkAll = () => {
    checked = true;
    return Promise.resolve(isWell);
  };
  const write = (part: string) => void (text += part);
  const ready = await release({ root, publisher, write, checkAll });
  return { ready, checked, text };
}

Deno.test("a release whose tag, versions and changelog agree gets its publish commands", async () => {
  await using made = await repository();
  const { ready, checked, text } = await told(made);
  assert(ready && checked, text);
  for (const command of ["git push origin v1.2.3", ...PUBLISH]) assertStringIncludes(text, command);
});

Deno.test("an annotated tag, and a date behind the changelog's version, do as well", async () => {
  await using made = await repository(
    { "CHANGELOG.md": "## [1.2.3] - 2026-11-22\n\n- New.\n" },
    "",
  );
  await made.git("tag", "--annotate", "v1.2.3", "--message", "1.2.3");
  assert((await told(made)).ready);
});

for (
  const [what, changes, tag, said] of [
    ["no tag", {}, "", "the commit has no tag: git tag v1.2.3"],
    ["another tag", {}, "v1.2.4", "the commit has the tag v1.2.4, but the version is 1.2.3"],
    [
      "another version for npm",
      { "npm/package.json": '{\n  "version": "1.2.2"\n}\n' },
      "v1.2.3",
      "npm/package.json says 1.2.2, not 1.2.3",
    ],
    [
      "another version in the code",
      { "lib/kimi/identity/constants.ts": 'export const VERSION = "1.3.0";\n' },
      "v1.2.3",
      "lib/kimi/identity/constants.ts says 1.3.0, not 1.2.3",
    ],
    [
      "no version",
      { "deno.json": '{\n  "name": "@kimi/full"\n}\n' },
      "v1.2.3",
      'deno.json says "", which is no version such as 1.2.3',
    ],
    [
      "a changelog that ends before the version",
      { "CHANGELOG.md": "# Changelog\n\n## 1.2.2\n\n- Old.\n" },
      "v1.2.3",
      'its first heading is "1.2.2": write "## 1.2.3"',
    ],
    [
      "changes under another heading",
      { "CHANGELOG.md": `# Changelog\n\n## Unreleased\n\n${FILES["CHANGELOG.md"]}` },
      "v1.2.3",
      'its first heading is "Unreleased": write "## 1.2.3"',
    ],
    [
      "nothing to say of the version",
      { "CHANGELOG.md": "# Changelog\n\n## 1.2.3\n\n## 1.2.2\n\n- Old.\n" },
      "v1.2.3",
      'nothing stands below "## 1.2.3"',
    ],
  ] as const
) {
  Deno.test(`a release with ${what} is not made ready`, async () => {
    await using made = await repository(changes, tag);
    const { ready, checked, text } = await told(made);
    assertEquals([ready, checked], [false, false], text);
    assertStringIncludes(text, said);
    for (const command of PUBLISH) assert(!text.includes(command));
  });
}

for (const [what, path] of [["changed", "deno.json"], ["new", "lib/new.ts"]] as const) {
  Deno.test(`a release with a ${what} file that is not committed is not made ready`, async () => {
    await using made = await repository();
    const before = await Deno.readTextFile(join(made.root, path)).catch(() => "");
    await made.write(path, `${before}\n`);
    const { ready, text } = await told(made);
    assert(!ready);
    assertStringIncludes(text, "not committed: ");
    assertStringIncludes(text, path.split("/")[0] ?? "");
  });
}

Deno.test("a release whose checks fail is not ready", async () => {
  await using made = await repository();
  const { ready, checked, text } = await told(made, undefined, false);
  assertEquals([ready, checked], [false, true]);
  for (const command of PUBLISH) assert(!text.includes(command));
});

Deno.test("where it is published from, npm's package must name that repository", async () => {
  await using nameless = await repository();
  const { ready, text } = await told(nameless, "someone/full");
  assert(!ready);
  assertStringIncludes(text, '"url": "git+https://github.com/someone/full.git"');

  for (
    const url of ["git+https://github.com/Someone/full.git", "https://github.com/someone/full"]
  ) {
    const manifest = { version: "1.2.3", repository: { type: "git", url } };
    await using named = await repository({ "npm/package.json": JSON.stringify(manifest, null, 2) });
    assert((await told(named, "someone/full")).ready, url);
    assert(!(await told(named, "other/full")).ready, url);
  }
});
