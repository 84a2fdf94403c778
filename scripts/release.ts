/**
 * Gets a release ready: checks that tag, versions and changelog agree and that all is committed, runs
 * `deno task ok`, which builds the package and checks everything, and prints the commands that publish.
 * It publishes nothing: `.github/workflows/release.yml` does, by the same commands.
 *
 * Ends with 1 where anything does not hold.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { type Write, write } from "./parity/report.ts";
import { readFacts } from "./release/facts.ts";
import { judge } from "./release/rules.ts";

/** What publishes, in this order: npm refuses more, and what JSR has cannot be taken back. */
export const PUBLISH = [
  "npm publish ./npm --provenance --access public",
  "npx -y deno@2.9.6 publish",
] as const;

/** How a release is made ready. */
export interface ReleaseOptions {
  /** The folder of the repository. */
  readonly root: string;
  /** `owner/name` of the repository whose workflow this runs in; undefined elsewhere. */
  readonly publisher?: string | undefined;
  readonly write: Write;
  /** Builds and checks everything; gives whether all is well. */
  readonly checkAll: () => Promise<boolean>;
}

/**
 * Gets a release ready.
 *
 * @returns Whether it may be published.
 */
export async function release(options: ReleaseOptions): Promise<boolean> {
  const { root, publisher, write, checkAll } = options;
  const facts = await readFacts(root);
  const verdicts = judge(facts, publisher);
  for (const { holds, problems } of verdicts) {
    write(`  ${problems.length === 0 ? "✓" : "✗"} ${holds}\n`);
    for (const problem of problems) write(`      ${problem}\n`);
  }
  if (verdicts.some(({ problems }) => problems.length > 0)) return false;
  write("\nNow all checks: deno task ok\n\n");
  if (!await checkAll()) {
    write("\n  ✗ deno task ok\n");
    return false;
  }
  const [tag = ""] = facts.tags.filter((tag) => /^v\d/.test(tag));
  write(`\n${tag} is ready. Push the tag, and the workflow publishes:\n\n`);
  write(
    `  git push origin ${tag}\n\nby these commands, which have provenance from there alone:\n\n`,
  );
  for (const command of PUBLISH) write(`  ${command}\n`);
  return true;
}

async function runOk(root: string): Promise<boolean> {
  const task = new Deno.Command(Deno.execPath(), {
    args: ["task", "ok"],
    cwd: root,
    stdin: "null",
  });
  return (await task.spawn().status).success;
}

if (import.meta.main) {
  const root = fromFileUrl(new URL("..", import.meta.url));
  const publisher = Deno.env.get("GITHUB_REPOSITORY");
  const ready = await release({ root, publisher, write, checkAll: () => runOk(root) });
  Deno.exit(ready ? 0 : 1);
}
