/** The package installed by its bare name, from a registry. */

import { join } from "@std/path";
import { MODEL, type Opencode, openOpencode } from "../../tests/support/opencode/opencode.ts";
import { NPM } from "../../tests/support/process.ts";
import { bunProgram } from "../../tests/support/tools.ts";
import { freshEnvironment, run } from "../shared/run.ts";
import type { Check } from "./check.ts";
import type { Manifest, Package } from "./package.ts";
import type { Registry } from "./registry.ts";

const OPENCODE = "1.18.33";

/** A check for each program that installs it. */
export function installChecks(
  { manifest }: Package,
  registry: () => Promise<Registry>,
): readonly Check[] {
  return [
    {
      holds: "npm installs it from a registry by its name",
      run: async () => await install(await registry(), manifest, NPM, ["install", "--no-audit"]),
    },
    {
      holds: "Bun installs it from a registry by its name",
      run: async () => await install(await registry(), manifest, await bunProgram(), ["add"]),
    },
    {
      holds: `opencode ${OPENCODE} loads it from a registry by its name`,
      run: async () => await load(await registry(), manifest, { plugin: [manifest.name] }),
    },
    {
      holds: `opencode ${OPENCODE} installs it by "opencode plugin"`,
      run: async () => await load(await registry(), manifest, {}),
    },
  ];
}

async function install(
  { makeHome }: Registry,
  { name, version, bin = {} }: Manifest,
  program: string,
  args: readonly string[],
): Promise<string> {
  const home = await makeHome();
  await Deno.writeTextFile(join(home, "package.json"), '{"private":true}');
  const options = { cwd: home, env: freshEnvironment(home) };
  await run(program, [...args, name], options);
  for (const command of Object.keys(bin)) {
    const { stdout } = await run(join(home, "node_modules/.bin", command), ["--version"], options);
    if (stdout.trim() !== version) throw new Error(`${command} --version printed ${stdout}`);
  }
  return await installedVersion(join(home, "node_modules", name), version);
}

async function installedVersion(folder: string, expected: string): Promise<string> {
  const manifest: Manifest = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
  if (manifest.version !== expected) throw new Error(`${folder} has ${manifest.version}`);
  return `${manifest.name}@${manifest.version}`;
}

/** Has opencode load the plugin; adds it with `opencode plugin` if the configuration is empty. */
async function load(
  registry: Registry,
  manifest: Manifest,
  config: { readonly plugin?: readonly string[] },
): Promise<string> {
  const { name, version } = manifest;
  await using opencode = await openOpencode({ version: OPENCODE, config });
  await registry.writeSettings(opencode.home);
  if (config.plugin === undefined) await add(opencode, manifest);
  const models = await opencode.models();
  if (!models.includes(MODEL)) throw new Error(`opencode models printed ${models.join(", ")}`);
  const cached = `.cache/opencode/packages/${name}@latest/node_modules/${name}`;
  return await installedVersion(join(opencode.home, cached), version);
}

async function add(opencode: Opencode, { name, exports }: Manifest): Promise<void> {
  const { code, stdout, stderr } = await opencode.command(["plugin", name, "--global"]);
  if (code !== 0) throw new Error(`It exited with ${code}\n${stdout}\n${stderr}`);
  const files = ["opencode.json", ...Object.hasOwn(exports, "./tui") ? ["tui.json"] : []];
  for (const file of files) {
    const text = await Deno.readTextFile(join(opencode.home, ".config/opencode", file));
    if (!text.includes(`"${name}"`)) throw new Error(`${file} does not name the plugin:\n${text}`);
  }
}
