/**
 * What a release is judged by, as it stands in the repository.
 *
 * @module
 */
import { join } from "@std/path";
import { run } from "../shared/run.ts";

/** What was found. */
export interface ReleaseFacts {
  /** The version that each file names, by its path. */
  readonly versions: ReadonlyMap<string, string>;
  /** Tags of the commit that is checked out. */
  readonly tags: readonly string[];
  /** The first heading of the changelog, and what stands below it. */
  readonly changelog: { readonly heading: string; readonly text: string };
  /** Files that are not as they are committed, each with git's letters. */
  readonly uncommitted: readonly string[];
  /** URL of the repository that npm's package names; empty where it names none. */
  readonly repository: string;
}

/** Where the version stands, and what finds it there. */
const VERSIONS: readonly (readonly [path: string, pattern: RegExp])[] = [
  ["deno.json", /^ {2}"version": "([^"]*)"/m],
  ["npm/package.json", /^ {2}"version": "([^"]*)"/m],
  ["lib/kimi/identity/constants.ts", /^export const VERSION = "([^"]*)"/m],
];

/**
 * Reads a repository.
 *
 * @param root Its folder.
 * @returns The facts.
 */
export async function readFacts(root: string): Promise<ReleaseFacts> {
  const read = (path: string) => Deno.readTextFile(join(root, path));
  const git = async (...args: readonly string[]) => {
    const { stdout } = await run("git", args, { cwd: root });
    return stdout.split("\n").filter((line) => line !== "");
  };
  const versions = await Promise.all(
    VERSIONS.map(async ([path, pattern]) =>
      [path, pattern.exec(await read(path))?.[1] ?? ""] as const
    ),
  );
  const [, heading = "", text = ""] = /^## (.*)\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(
    await read("CHANGELOG.md"),
  ) ?? [];
  const { repository }: { repository?: string | { url?: string } } = JSON.parse(
    await read("npm/package.json"),
  );
  return {
    versions: new Map(versions),
    tags: await git("tag", "--points-at", "HEAD"),
    changelog: { heading: heading.trim(), text: text.trim() },
    uncommitted: await git("status", "--porcelain"),
    repository: (typeof repository === "string" ? repository : repository?.url) ?? "",
  };
}
