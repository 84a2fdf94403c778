/** The installed package in Node, Bun, Deno and a browser. */

import { basename, fromFileUrl, join, toFileUrl } from "@std/path";
import { bunProgram, nodeProgram } from "../../tests/support/tools.ts";
import { ENTRIES } from "../entries.ts";
import { freshEnvironment, run } from "../shared/run.ts";
import { type Check, Skipped } from "./check.ts";
import type { Package } from "./package.ts";

/** The last release of each line that Node supports or supported lately. */
const NODES = ["20.20.2", "22.23.3", "24.21.0"];

const PROBE = fromFileUrl(new URL("probe.mjs", import.meta.url));

/** Its program, and the arguments before a script's path. */
type Command = readonly [program: string, ...args: readonly string[]];

type Runtime = readonly [name: string, command: () => Promise<Command>];

const DENO: Command = [Deno.execPath(), "run", "--allow-all", "--quiet"];

const RUNTIMES: readonly Runtime[] = [
  ...NODES.map((version): Runtime => [`Node ${version}`, () => nodeCommand(version)]),
  ["Bun 1.3.4", async () => [await bunProgram(), "--no-install"]],
  [`Deno ${Deno.version.deno}`, () => Promise.resolve(DENO)],
];

async function nodeCommand(version: string): Promise<Command> {
  const program = await nodeProgram(version);
  if (program === undefined) throw new Skipped(`npm has no Node for ${Deno.build.os}`);
  return [program];
}

/** A check for each runtime, and for each entry that a browser can import. */
export function runtimeChecks(subject: Package): readonly Check[] {
  const web = ENTRIES.filter(({ allowed }) => !allowed.test("node:fs"));
  return [
    ...RUNTIMES.map(([name, command]) => ({
      holds: `${name} imports and uses all of it`,
      run: async () => await use(subject, ...await command()),
    })),
    ...web.map(({ bundle }) => ({
      holds: `a browser imports ${bundle}`,
      run: () => checkBrowser(join(subject.installed, bundle), subject.work),
    })),
  ];
}

/** What the probe prints. */
interface Seen {
  readonly version: string;
  readonly entries: number;
  readonly parts: number;
  readonly budget: number;
  readonly models: readonly string[];
}

/** Imports and uses the package and its programs in a runtime. */
export async function use(
  { work, project, installed, manifest }: Pick<
    Package,
    "work" | "project" | "installed" | "manifest"
  >,
  program: string,
  ...args: readonly string[]
): Promise<string> {
  const probe = join(project, "probe.mjs");
  await Deno.copyFile(PROBE, probe);
  const env = freshEnvironment(await Deno.makeTempDir({ dir: work, prefix: "home-" }));
  const { stdout, stderr } = await run(program, [...args, probe], { cwd: project, env });
  const { version, entries, parts, budget, models }: Seen = JSON.parse(stdout);
  const isRight = stderr === "" && version === manifest.version && budget > 200_000 &&
    models.includes("kimi-for-coding");
  if (!isRight) throw new Error(`It printed ${stdout}\n${stderr}`);
  const programs = Object.values(manifest.bin ?? {});
  for (const path of programs) {
    const command = [...args, join(installed, path)];
    const asked = await run(program, [...command, "--version"], { cwd: project, env });
    if (asked.stdout.trim() !== version) throw new Error(`${path} printed ${asked.stdout}`);
    await run(program, [...command, "--help"], { cwd: project, env });
  }
  return `entries ${entries}, modules ${parts}, programs ${programs.length}`;
}

/** Uses what needs a clock, a network or a file if anything does. */
const USER = `
const { chatBody, ...others } = await import(LIBRARY);
const context = { contextLength: 262144, settings: { problems: [] }, userKeys: [], answered: new Map() };
const body = chatBody?.({ messages: [{ role: "user", content: "hi" }] }, context).body;
console.log(Object.keys(others).length > 0 && (body === undefined || body.messages.length === 1));
`;

/** Checks that a module can be bundled for a browser, and be imported without a permission. */
export async function checkBrowser(entry: string, work: string): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: work, prefix: "browser-" });
  const bundle = join(folder, basename(entry).replace(/\.ts$/, ".js"));
  const how = ["bundle", "--quiet", "--no-lock", "--platform", "browser", "-o", bundle, entry];
  await run(Deno.execPath(), how);
  const code = await Deno.readTextFile(bundle);
  const builtin = /["']node:[\w/]+["']/.exec(code)?.[0];
  if (builtin !== undefined) throw new Error(`It imports ${builtin}`);
  const user = join(folder, "user.js");
  const url = JSON.stringify(toFileUrl(bundle).href);
  await Deno.writeTextFile(user, USER.replace("LIBRARY", url));
  const flags = ["run", "--no-prompt", "--no-config", "--no-lock", "--quiet"];
  const env = freshEnvironment(folder);
  const { stdout } = await run(Deno.execPath(), [...flags, user], { cwd: folder, env });
  if (stdout.trim() !== "true") throw new Error(`It printed ${stdout}`);
  return `${(code.length / 1024).toFixed(0)} KB, without a permission`;
}
