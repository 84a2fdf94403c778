/** The addresses of the project: fill in REPOSITORY before the first release, and build. */

/** Such as `https://github.com/owner/name`. */
export const REPOSITORY: string | undefined = undefined;

/** The fields of npm's package.json that name the project's addresses. */
export function projectFields(repository: string | undefined): Readonly<Record<string, unknown>> {
  if (repository === undefined) return {};
  return {
    repository: { type: "git", url: `git+${repository}.git` },
    homepage: `${repository}#readme`,
    bugs: { url: `${repository}/issues` },
  };
}
