/** Builds the program of the npm package into a folder: `deno run -A scripts/build_bin.ts DIR`. */

import { fromFileUrl, join, resolve } from "@std/path";
import { VERSION } from "../lib/kimi/identity/constants.ts";
import { run } from "./shared/run.ts";
import { write } from "./shared/write.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** The commands and what they need, in one file. */
const BUNDLE = "cli.js";

/** What `bin` names. Node 20 has no `import.meta.main`, with which the bundle could run itself. */
const LAUNCHER = `#!/usr/bin/env node
import { run } from "./${BUNDLE}";
await run();
`;

/** Builds the program, and returns the path of the launcher. */
export async function buildBin(dist: string): Promise<string> {
  const target = join(resolve(dist), BUNDLE);
  // Unlike rolldown, `deno bundle` finds npm's packages by the import map.
  const how = ["bundle", "--quiet", "--no-lock", "--platform", "deno", "--minify"];
  await run(Deno.execPath(), [...how, "-o", target, "lib/cli/commands.ts"], { cwd: ROOT });
  const code = await Deno.readTextFile(target);
  await Deno.writeTextFile(target, `/*! opencode-kimi-full ${VERSION}, MIT license */\n${code}`);
  const launcher = join(dist, "bin.js");
  await Deno.writeTextFile(launcher, LAUNCHER, { mode: 0o755 });
  return launcher;
}

if (import.meta.main) {
  const [dist] = Deno.args;
  if (dist === undefined) throw new Error("Name the folder to build into");
  await Deno.mkdir(dist, { recursive: true });
  write(`${await buildBin(dist)}\n`);
}
