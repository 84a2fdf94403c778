/**
 * Prepares a release: checks that versions, tag and changelog agree and that everything is committed,
 * runs `deno task ok`, and prints the commands by which `.github/workflows/release.yml` publishes.
 * Exits with 1 if a check fails.
 */
import { fromFileUrl, join } from "@std/path";
import { REPOSITORY } from "./shared/project.ts";
import { run } from "./shared/run.ts";
import { type Write, write } from "./shared/write.ts";

/** The commands that publish, in this order: npm rejects more, and JSR deletes no version. */
export const PUBLISH = [
  "npm publish ./npm --provenance --access public",
  "npx -y deno@2.9.6 publish",
] as const;

/** Files that hold the version, and the pattern that finds it. */
const VERSIONS: readonly (readonly [path: string, pattern: RegExp])[] = [
  ["deno.json", /^ {2}"version": "([^"]*)"/m],
  ["npm/package.json", /^ {2}"version": "([^"]*)"/m],
  ["lib/kimi/identity/constants.ts", /^export const VERSION = "([^"]*)"/m],
];

export interface ReleaseOptions {
  readonly root: string;
  /** `owner/name` of the repository whose workflow runs this; undefined elsewhere. */
  readonly publisher?: string | undefined;
  /** Address of the project's repository. */
  readonly repository: string | undefined;
  readonly write: Write;
  /** Builds and checks everything. */
  readonly checkAll: () => Promise<boolean>;
}

/** Checks a repository, and returns whether it may be published. */
export async function release(options: ReleaseOptions): Promise<boolean> {
  const { root, write, checkAll } = options;
  const versions = await Promise.all(VERSIONS.map(async ([path, pattern]) => ({
    path,
    version: pattern.exec(await Deno.readTextFile(join(root, path)))?.[1] ?? "",
  })));
  const version = versions[0]?.version ?? "";
  const problems = [
    ...versions.filter((other) => other.version !== version || !/^\d+\.\d+\.\d+/.test(version))
      .map(({ path, version }) => `${path} has the version "${version}"`),
    ...await gitProblems(root, `v${version}`),
    ...changelogProblems(await Deno.readTextFile(join(root, "CHANGELOG.md")), version),
    ...repositoryProblems(options),
  ];
  for (const problem of problems) write(`  ✗ ${problem}\n`);
  if (problems.length > 0 || !await checkAll()) return false;
  write(`\nv${version} is ready. Push the tag, and the workflow publishes it:\n\n`);
  write(`  git push origin v${version}\n\nby these commands:\n\n`);
  for (const command of PUBLISH) write(`  ${command}\n`);
  return true;
}

async function gitProblems(root: string, tag: string): Promise<readonly string[]> {
  const git = async (...args: readonly string[]) =>
    (await run("git", args, { cwd: root })).stdout.split("\n").filter((line) => line !== "");
  const tags = (await git("tag", "--points-at", "HEAD")).filter((tag) => /^v\d/.test(tag));
  const files = await git("status", "--porcelain");
  return [
    ...tags.join() === tag ? [] : [`the commit has the tag "${tags.join()}": git tag ${tag}`],
    ...files.map((file) => `not committed: ${file}`),
  ];
}

/** The first section must be that of the version, but for an Unreleased one without text. */
function changelogProblems(changelog: string, version: string): readonly string[] {
  const sections = changelog.replace(/^\[.+\]: .*\n/gm, "").split(/^## /m).slice(1)
    .map((section) => section.trim()).filter((section) => section !== "[Unreleased]");
  const [heading = "", ...text] = sections[0]?.split("\n") ?? [];
  const wanted = `## [${version}] - ${new Date().toISOString().slice(0, 10)}`;
  const isRight = heading.startsWith(`[${version}] - `) && text.length > 0;
  return isRight ? [] : [`CHANGELOG.md begins with "${heading}": write "${wanted}" and its text`];
}

/** npm rejects the provenance of a package that names no repository, or another (E422). */
function repositoryProblems({ repository, publisher }: ReleaseOptions): readonly string[] {
  if (repository === undefined) return ["REPOSITORY in scripts/shared/project.ts is not filled in"];
  const named = new URL(repository).pathname.slice(1).toLowerCase();
  return publisher === undefined || named === publisher.toLowerCase()
    ? []
    : [`REPOSITORY in scripts/shared/project.ts is not that of ${publisher}`];
}

if (import.meta.main) {
  const root = fromFileUrl(new URL("..", import.meta.url));
  const checkAll = async () => {
    const task = new Deno.Command(Deno.execPath(), { args: ["task", "ok"], cwd: root });
    return (await task.spawn().status).success;
  };
  const publisher = Deno.env.get("GITHUB_REPOSITORY");
  const options = { root, publisher, repository: REPOSITORY, write, checkAll };
  Deno.exit(await release(options) ? 0 : 1);
}
