import { assert } from "@std/assert";
import { join } from "@std/path";
import { MODEL, openOpencode, settle } from "../support/opencode/opencode.ts";
import { type BuiltPackage, builtPackage } from "../support/package.ts";
import { NPM, runProcess } from "../support/process.ts";
import { bunProgram, OPENCODE_VERSIONS } from "../support/tools.ts";

let built: BuiltPackage;
Deno.test.beforeAll(async () => void (built = await builtPackage()));
Deno.test.afterAll(async () => await built[Symbol.asyncDispose]());

for (const version of OPENCODE_VERSIONS) {
  Deno.test(`opencode ${version} loads the built folder as a plugin path`, async () => {
    await using opencode = await openOpencode({ version, config: { plugin: [built.dir] } });
    assert((await opencode.models()).includes(MODEL));
  });

  Deno.test(`opencode ${version} loads the package that bun added to ~/.opencode`, async () => {
    const config = { plugin: ["./node_modules/opencode-kimi-full"] };
    await using opencode = await openOpencode({ version, config, configDir: ".opencode" });
    const cwd = join(opencode.home, ".opencode");
    await run(await bunProgram(), ["add", built.dir], cwd);
    // Bun links the files one by one, and opencode refuses an entry outside the plugin's folder;
    // but before it loads plugins it installs by npm's Arborist, which links the folder as a whole.
    await run(NPM, ["install", "--offline", "--no-audit", "--loglevel=error"], cwd);
    await settle(cwd, version);
    assert((await opencode.models()).includes(MODEL));
  });
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await runProcess(program, { args, cwd, timeout: 60_000 });
  assert(code === 0, `${program} ${args.join(" ")} failed: ${stderr}`);
}
