/** The README of the npm package. */

/**
 * Makes it from the repository's. npm's page finds a relative link by the repository that package.json
 * names. Without one the picture and the line of languages go, and a link to a file becomes its text.
 */
export function npmReadme(readme: string, repository: unknown): string {
  if (repository !== undefined) return readme;
  return readme
    .replace(/^(?:!\[.*|.* \| \[.*\]\(\.\/README\..*)\n\n/gm, "")
    .replace(/\[([^\]]+)\]\(\.\/[^)]+\)/g, "$1");
}
