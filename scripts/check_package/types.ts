/** The declarations in strict TypeScript projects. */

import { join } from "@std/path";
import { installTool } from "../../tests/support/tools.ts";
import { run } from "../shared/run.ts";
import type { Check } from "./check.ts";
import { importsOf, type Package, protocolOf } from "./package.ts";

const TYPESCRIPT = "5.9.3";
const NODE_TYPES = "20.19.25";

/** A kind of project: whose `fetch` it has, and how it finds modules. */
export interface Project {
  readonly name: string;
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

const nodenext = { module: "nodenext", moduleResolution: "nodenext" };
const bundler = { module: "esnext", moduleResolution: "bundler" };
const dom = { lib: ["es2023", "dom", "dom.iterable"], types: [] };
const node = { lib: ["es2023"], types: ["node"] };

export const PROJECTS: readonly Project[] = [
  { name: "nodenext, lib dom", compilerOptions: { ...nodenext, ...dom } },
  { name: "bundler, lib dom", compilerOptions: { ...bundler, ...dom } },
  { name: "nodenext, @types/node, no dom", compilerOptions: { ...nodenext, ...node } },
  { name: "bundler, lib webworker", compilerOptions: { ...bundler, lib: ["es2023", "webworker"] } },
];

const STRICT = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  target: "es2022",
  types: [],
};

/** A client that logs in and asks; its last lines fail if the types are `any`. */
const consumer = (protocol: string) => `
import { chatBody, type Environment, KimiError, startDeviceLogin } from "${protocol}";
import plugin, { type Hooks, type PluginModule } from "opencode-kimi-full/server";

const options = { host: "https://auth.kimi.com", client: "kimi-cli", scope: false } as const;
export const send: Environment["fetch"] = (input, init) => fetch(input, init);

export async function login(environment: Environment): Promise<string> {
  try {
    const { authorization, tokens } = await startDeviceLogin(environment, options);
    return authorization.verificationUri + (await tokens()).accessToken;
  } catch (error) {
    return error instanceof KimiError ? error.code : "unknown";
  }
}

const context = { contextLength: 0, settings: { problems: [] }, userKeys: [], answered: new Map() };
export const keys: readonly string[] = Object.keys(chatBody({ messages: [] }, context).body);
export const loaded: PluginModule = plugin;
export const hooks: Promise<Hooks> = plugin.server({
  client: { auth: { set: () => Promise.resolve() } },
});

// @ts-expect-error a context length is a number
chatBody({ messages: [] }, { ...context, contextLength: "0" });
// @ts-expect-error an id is a string
export const id: number = plugin.id;
`;

/** A check for each kind of project. */
export function typeChecks(subject: Package): readonly Check[] {
  return PROJECTS.map((project) => ({
    holds: `strict TypeScript accepts it: ${project.name}`,
    run: () => compile(subject, project),
  }));
}

/** Compiles a program that imports all entries and uses them. */
export async function compile(
  { project, manifest }: Pick<Package, "project" | "manifest">,
  { compilerOptions }: Project,
): Promise<string> {
  const [compiler, nodeTypes, folder] = await Promise.all([
    installTool(`typescript@${TYPESCRIPT}`),
    installTool(`@types/node@${NODE_TYPES}`),
    Deno.makeTempDir({ dir: project, prefix: "consumer-" }),
  ]);
  const typeRoots = [join(nodeTypes, "node_modules/@types")];
  const every = importsOf(manifest).map((name, index) =>
    `import * as entry${index} from "${name}";
export const names${index}: readonly string[] = Object.keys(entry${index});`
  );
  const config = {
    compilerOptions: { ...STRICT, typeRoots, ...compilerOptions },
    files: ["index.ts"],
  };
  const program = [...every, consumer(protocolOf(manifest))].join("\n");
  await Deno.writeTextFile(join(folder, "package.json"), '{"type":"module"}');
  await Deno.writeTextFile(join(folder, "index.ts"), program);
  await Deno.writeTextFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(compiler, "node_modules/typescript/bin/tsc");
  await run("node", [tsc, "--project", folder, "--pretty", "false"]);
  return `TypeScript ${TYPESCRIPT}`;
}
