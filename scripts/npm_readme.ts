/**
 * The README of the npm package.
 *
 * @module
 */

/**
 * Makes the package's README of the repository's. npm's page resolves a relative link by the repository
 * that package.json names; where it names none, links to files that the package does not hold would lead
 * nowhere.
 *
 * @param readme The repository's README.
 * @param repository What package.json says of the repository, if anything.
 * @returns The same where a repository is named; else without the picture and the line of languages, and
 * with words in place of links to files.
 */
export function npmReadme(readme: string, repository: unknown): string {
  if (repository !== undefined) return readme;
  return readme
    .replace(/^(?:!\[.*|.* \| \[.*\]\(\.\/README\..*)\n\n/gm, "")
    .replace(/\[([^\]]+)\]\(\.\/[^)]+\)/g, "$1");
}
