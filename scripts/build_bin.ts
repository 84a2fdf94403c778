/**
 * Builds the program of the npm package.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { VERSION } from "../lib/kimi/identity/constants.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** The commands and what they need, in one file. */
const BUNDLE = "cli.js";

/** What `bin` names. Node 20 has no `import.meta.main`, by which the bundle could tell that it is run. */
const LAUNCHER = `#!/usr/bin/env node
import { run } from "./${BUNDLE}";
await run();
`;

/**
 * Builds the program. `deno bundle` finds npm's packages as the commands do.
 *
 * @param dist The folder that the files are written to.
 * @returns Path of the launcher.
 * @throws {Error} Where the bundle cannot be made.
 */
export async function buildBin(dist: string): Promise<string> {
  const target = join(dist, BUNDLE);
  const how = ["bundle", "--quiet", "--no-lock", "--platform", "deno", "--minify"];
  const bundle = new Deno.Command(Deno.execPath(), {
    args: [...how, "-o", target, "lib/cli/commands.ts"],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await bundle.output();
  if (!success) throw new Error(`deno bundle failed:\n${new TextDecoder().decode(stderr)}`);
  const code = await Deno.readTextFile(target);
  await Deno.writeTextFile(target, `/*! opencode-kimi-full ${VERSION}, MIT license */\n${code}`);
  const launcher = join(dist, "bin.js");
  await Deno.writeTextFile(launcher, LAUNCHER, { mode: 0o755 });
  return launcher;
}

if (import.meta.main) {
  const [folder] = Deno.args;
  if (folder === undefined) throw new Error("Usage: deno run -A scripts/build_bin.ts DIR");
  await buildBin(folder);
}
