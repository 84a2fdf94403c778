/** Small packages with our name, which the tests of the package check break. */
import { dirname, join } from "@std/path";
import type { Manifest, Package } from "../../scripts/check_package/package.ts";

const MANIFEST = {
  name: "opencode-kimi-full",
  version: "1.2.3",
  license: "MIT",
  type: "module",
  main: "./dist/server.js",
  bin: { "opencode-kimi-full": "dist/bin.js" },
  exports: {
    ".": { types: "./dist/types/mod.d.ts", default: "./dist/mod.js" },
    "./server": { types: "./dist/types/lib/opencode/server.d.ts", default: "./dist/server.js" },
    "./tui": { types: "./dist/types/lib/opencode/tui.d.ts", default: "./dist/tui.js" },
    "./package.json": "./package.json",
  },
  files: ["dist", "README.md", "LICENSE"],
};

const PLUGIN = `
const models = { "kimi-for-coding": {} };
const config = (given) => { given.provider = { "kimi-for-coding-oauth": { models } }; };
`;

/** A package that passes all checks but that of the types. */
export const WHOLE: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify(MANIFEST),
  "README.md": "# Ours\n",
  LICENSE: "MIT\n",
  "dist/bin.js": `#!/usr/bin/env node\nimport { run } from "./cli.js"; run();`,
  "dist/cli.js": `export const run = () => console.log("1.2.3");`,
  "dist/mod.js": `export const VERSION = "1.2.3";
    export const chatBody = () => ({ body: { max_completion_tokens: 261118 } });`,
  "dist/server.js": `${PLUGIN} export default {
    id: "ours", server: async () => ({ config, rest: () => import("./rest.js") }),
  };`,
  "dist/rest.js": "export const rest = 1;",
  "dist/tui.js": "export default { id: 'ours', tui() {} };",
  "dist/types/lib/opencode/tui.d.ts": "declare const plugin: object;\nexport default plugin;",
  "dist/types/mod.d.ts": `export { VERSION } from "./lib/kimi/identity/constants.js";`,
  "dist/types/lib/kimi/identity/constants.d.ts": "export declare const VERSION: string;",
  "dist/types/lib/opencode/server.d.ts": "declare const plugin: object;\nexport default plugin;",
};

/** Writes a package as if it were built and installed; in `changes`, null removes a file. */
export async function fakePackage(
  changes: Readonly<Record<string, string | null>> = {},
): Promise<Package> {
  const work = await Deno.makeTempDir({ prefix: "kimi-fake-package-" });
  const project = join(work, "project");
  const installed = join(project, "node_modules", MANIFEST.name);
  const files = { ...WHOLE, ...changes };
  for (const [path, text] of Object.entries(files)) {
    if (text === null) continue;
    await Deno.mkdir(dirname(join(installed, path)), { recursive: true });
    await Deno.writeTextFile(join(installed, path), text);
  }
  const tarball = join(work, "not-packed.tgz");
  await Deno.writeTextFile(tarball, "");
  const manifest: Manifest = JSON.parse(files["package.json"] ?? "{}");
  return {
    work,
    project,
    installed,
    manifest,
    tarball,
    [Symbol.asyncDispose]: () => Deno.remove(work, { recursive: true }),
  };
}
