import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { PUBLISH, release } from "../../scripts/release.ts";
import { projectFields } from "../../scripts/shared/project.ts";
import { runProcess } from "../support/process.ts";

const FILES = {
  "deno.json": '{\n  "name": "@kimi/full",\n  "version": "1.2.3"\n}\n',
  "npm/package.json": '{\n  "name": "opencode-kimi-full",\n  "version": "1.2.3"\n}\n',
  "lib/kimi/identity/constants.ts": 'export const VERSION = "1.2.3";\n',
  "CHANGELOG.md":
    "# Changelog\n\n## [1.2.3] - 2026-11-22\n\n- New.\n\n## [1.2.2] - 2026-10-02\n\n- Old.\n",
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

interface Result {
  readonly isReady: boolean;
  readonly isChecked: boolean;
  readonly text: string;
}

interface Given {
  readonly publisher?: string;
  readonly repository?: string | undefined;
  readonly isWell?: boolean;
}

async function released({ root }: Repository, given: Given = {}): Promise<Result> {
  const { publisher, isWell = true } = given;
  const repository = "repository" in given ? given.repository : "https://github.com/someone/full";
  let text = "";
  let isChecked = false;
  const checkAll = () => {
    isChecked = true;
    return Promise.resolve(isWell);
  };
  const write = (part: string) => void (text += part);
  const isReady = await release({ root, publisher, repository, write, checkAll });
  return { isReady, isChecked, text };
}

Deno.test("a release prints its commands if tag, versions and changelog agree", async () => {
  await using made = await repository();
  const { isReady, isChecked, text } = await released(made);
  assert(isReady && isChecked, text);
  for (const command of ["git push origin v1.2.3", ...PUBLISH]) assertStringIncludes(text, command);
});

Deno.test("a release accepts an annotated tag, and an empty Unreleased section", async () => {
  const changelog = FILES["CHANGELOG.md"].replace("## [1.2.3]", "## [Unreleased]\n\n## [1.2.3]");
  await using made = await repository(
    { "CHANGELOG.md": `${changelog}\n[1.2.3]: https://x.y\n` },
    "",
  );
  await made.git("tag", "--annotate", "v1.2.3", "--message", "1.2.3");
  const { isReady, text } = await released(made);
  assert(isReady, text);
});

const WANTED = /write "## \[1\.2\.3\] - \d{4}-\d\d-\d\d" and its text/;

for (
  const [what, changes, tag, problem] of [
    ["no tag", {}, "", /the commit has the tag "": git tag v1\.2\.3/],
    ["another tag", {}, "v1.2.4", /the commit has the tag "v1\.2\.4": git tag v1\.2\.3/],
    [
      "another version for npm",
      { "npm/package.json": '{\n  "version": "1.2.2"\n}\n' },
      "v1.2.3",
      /npm\/package\.json has the version "1\.2\.2"/,
    ],
    [
      "another version in the code",
      { "lib/kimi/identity/constants.ts": 'export const VERSION = "1.3.0";\n' },
      "v1.2.3",
      /constants\.ts has the version "1\.3\.0"/,
    ],
    [
      "no version",
      { "deno.json": '{\n  "name": "@kimi/full"\n}\n' },
      "v1.2.3",
      /deno\.json has the version ""/,
    ],
    [
      "a changelog without the version",
      { "CHANGELOG.md": "# Changelog\n\n## [1.2.2] - 2026-10-02\n\n- Old.\n" },
      "v1.2.3",
      WANTED,
    ],
    [
      "unreleased changes",
      { "CHANGELOG.md": FILES["CHANGELOG.md"].replace("## ", "## [Unreleased]\n\n- More.\n\n## ") },
      "v1.2.3",
      WANTED,
    ],
    [
      "an empty section for the version",
      { "CHANGELOG.md": FILES["CHANGELOG.md"].replace("- New.\n\n", "") },
      "v1.2.3",
      WANTED,
    ],
  ] as const
) {
  Deno.test(`a release with ${what} is stopped`, async () => {
    await using made = await repository(changes, tag);
    const { isReady, isChecked, text } = await released(made);
    assertEquals([isReady, isChecked], [false, false], text);
    assertMatch(text, problem);
    for (const command of PUBLISH) assert(!text.includes(command));
  });
}

for (const [what, path] of [["changed", "deno.json"], ["new", "lib/new.ts"]] as const) {
  Deno.test(`a release with a ${what} file that is not committed is stopped`, async () => {
    await using made = await repository();
    const before = await Deno.readTextFile(join(made.root, path)).catch(() => "");
    await made.write(path, `${before}\n`);
    const { isReady, text } = await released(made);
    assert(!isReady);
    assertStringIncludes(text, "not committed: ");
    assertStringIncludes(text, path.split("/")[0] ?? "");
  });
}

Deno.test("a release is stopped if its checks fail", async () => {
  await using made = await repository();
  const { isReady, isChecked, text } = await released(made, { isWell: false });
  assertEquals([isReady, isChecked], [false, true]);
  for (const command of PUBLISH) assert(!text.includes(command));
});

Deno.test("a release is stopped until the repository is filled in, and in another repository", async () => {
  await using made = await repository();
  const nameless = await released(made, { repository: undefined });
  assert(!nameless.isReady);
  assertStringIncludes(nameless.text, "REPOSITORY in scripts/shared/project.ts is not filled in");
  assert((await released(made, { publisher: "Someone/full" })).isReady);
  const other = await released(made, { publisher: "other/full" });
  assert(!other.isReady);
  assertStringIncludes(other.text, "is not that of other/full");
});

Deno.test("projectFields() names repository, home page and bugs once the repository is known", () => {
  assertEquals(projectFields(undefined), {});
  assertEquals(projectFields("https://github.com/someone/full"), {
    repository: { type: "git", url: "git+https://github.com/someone/full.git" },
    homepage: "https://github.com/someone/full#readme",
    bugs: { url: "https://github.com/someone/full/issues" },
  });
});
