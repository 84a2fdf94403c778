/**
 * The library as Deno, JSR and a browser have it.
 *
 * @module
 */
import { fromFileUrl, join, toFileUrl } from "@std/path";
import { freshEnvironment, run } from "../shared/run.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

const deno = (...args: readonly string[]) => run(Deno.execPath(), args, { cwd: ROOT });

/** Uses what reads a clock, a network or a file where anything does. */
const USER = `
const { chatBody, identityHeaders, createRefreshState, createTokenSource } = await import(LIBRARY);
if (typeof createTokenSource !== "function" || createRefreshState().rejected.size !== 0) throw new Error();
const { body } = chatBody({ messages: [{ role: "user", content: "hi" }] }, {
  contextLength: 262144, settings: { problems: [] }, userKeys: [], answered: new Map(),
});
const device = { node: "vm", system: "", release: "", machine: "", version: "", id: "0" };
console.log(identityHeaders("kimi-cli", device)["User-Agent"], Object.keys(body).length > 3);
`;

/**
 * Checks that nothing which the library exports needs more than the Web: it is bundled for a browser,
 * and runs without a permission.
 *
 * @param entry The library's module.
 * @param work A temporary folder.
 * @returns The size of the bundle.
 */
export async function checkBrowser(entry: string, work: string): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: work, prefix: "browser-" });
  const bundle = join(folder, "library.js");
  await deno("bundle", "--quiet", "--no-lock", "--platform", "browser", "-o", bundle, entry);
  const code = await Deno.readTextFile(bundle);
  const builtin = /["']node:[\w/]+["']/.exec(code)?.[0];
  if (builtin !== undefined) throw new Error(`It reaches ${builtin}`);
  const user = join(folder, "user.js");
  const library = JSON.stringify(toFileUrl(bundle).href);
  await Deno.writeTextFile(user, USER.replace("LIBRARY", library));
  const how = ["run", "--no-prompt", "--no-config", "--no-lock", "--quiet"];
  const env = freshEnvironment(folder);
  const { stdout } = await run(Deno.execPath(), [...how, user], { cwd: folder, env });
  if (!/^KimiCLI\/\S+ true$/.test(stdout.trim())) throw new Error(`It printed ${stdout}`);
  return `${(code.length / 1024).toFixed(0)} KB, no permission`;
}

/** What `deno.json` says of the package on JSR. */
interface JsrPackage {
  readonly exports: Readonly<Record<string, string>>;
  readonly publish: { readonly include: readonly string[] };
}

async function jsrPackage(): Promise<JsrPackage> {
  return JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
}

/** Checks that `deno doc --lint` has nothing to say of any entry. */
export async function checkDocs(): Promise<string> {
  const entries = Object.values((await jsrPackage()).exports);
  await deno("doc", "--lint", "--quiet", ...entries);
  return `${entries.length} entries`;
}

/** Checks that JSR would take the package, without slow types, and exactly the files that it names. */
export async function checkJsr(): Promise<string> {
  const { stdout, stderr } = await deno("publish", "--dry-run", "--allow-dirty");
  const files = [...`${stdout}${stderr}`.matchAll(/^\s+(file:\S+) \([\d.]+[KM]?B\)$/gm)]
    .map(([, url = ""]) => url);
  const { publish: { include } } = await jsrPackage();
  const allowed = include.map((path) => toFileUrl(join(ROOT, path)).href);
  const strange = files.filter((url) =>
    !allowed.some((path) => path.endsWith("/") ? url.startsWith(path) : url === path) ||
    url.includes("/lib/") && !url.endsWith(".ts")
  );
  const missing = allowed.filter((path) => !files.some((url) => url.startsWith(path)));
  if (files.length === 0 || strange.length + missing.length > 0) {
    throw new Error(`Not to be published: ${strange.join()}\nMissing: ${missing.join()}`);
  }
  return `${files.length} files, no slow type`;
}
