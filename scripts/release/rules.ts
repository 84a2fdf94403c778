/**
 * What must hold of a repository before its packages are published.
 *
 * @module
 */
import type { ReleaseFacts } from "./facts.ts";

/** A rule, and what is wrong with it; empty where it holds. */
export interface Verdict {
  readonly holds: string;
  readonly problems: readonly string[];
}

/**
 * Judges a repository.
 *
 * @param facts What stands in it.
 * @param publisher `owner/name` of the repository whose workflow publishes; undefined on a machine
 * that does not.
 * @returns A verdict for each rule.
 */
export function judge(facts: ReleaseFacts, publisher?: string): readonly Verdict[] {
  const version = [...facts.versions.values()].find(isVersion) ?? "";
  return [
    { holds: `the version is ${version}`, problems: versionProblems(facts, version) },
    { holds: `the commit has the tag v${version}`, problems: tagProblems(facts, version) },
    { holds: `CHANGELOG.md begins with ${version}`, problems: changelogProblems(facts, version) },
    {
      holds: "everything is committed",
      problems: facts.uncommitted.map((file) => `not committed: ${file}`),
    },
    ...publisher === undefined ? [] : [{
      holds: `npm's package names the repository ${publisher}`,
      problems: repositoryProblems(facts, publisher),
    }],
  ];
}

function versionProblems({ versions }: ReleaseFacts, version: string): readonly string[] {
  const others = [...versions].filter(([, other]) => other !== version || !isVersion(other));
  return others.map(([path, other]) =>
    isVersion(other)
      ? `${path} says ${other}, not ${version}`
      : `${path} says "${other}", which is no version such as 1.2.3`
  );
}

function isVersion(text: string): boolean {
  return /^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(text);
}

function tagProblems({ tags }: ReleaseFacts, version: string): readonly string[] {
  const releases = tags.filter((tag) => /^v\d/.test(tag));
  const wrong = releases.filter((tag) => tag !== `v${version}`)
    .map((tag) => `the commit has the tag ${tag}, but the version is ${version}`);
  if (releases.length > 0) return wrong;
  return [`the commit has no tag: git tag v${version}`];
}

function changelogProblems({ changelog }: ReleaseFacts, version: string): readonly string[] {
  const { heading, text } = changelog;
  const named = /^\[?([^\s\]]*)/.exec(heading)?.[1];
  if (named !== version) return [`its first heading is "${heading}": write "## ${version}"`];
  return text === "" ? [`nothing stands below "## ${heading}"`] : [];
}

/** Provenance names the repository, and npm refuses a package that names another, or none (E422). */
function repositoryProblems({ repository }: ReleaseFacts, publisher: string): readonly string[] {
  const named = /github\.com[/:]([^/]+\/[^/#]+?)(?:\.git)?$/.exec(repository)?.[1];
  if (named?.toLowerCase() === publisher.toLowerCase()) return [];
  const url = `git+https://github.com/${publisher}.git`;
  return [
    `npm/package.json names ${repository === "" ? "none" : repository}, and npm takes no ` +
    `provenance then: "repository": { "type": "git", "url": "${url}" }`,
  ];
}
