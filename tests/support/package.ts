/** The npm package, built and packed into a temporary folder. */
import { fromFileUrl, join } from "@std/path";
import { runProcess } from "./process.ts";

const BUILD = fromFileUrl(new URL("../../scripts/build_npm.ts", import.meta.url));

/** A package that goes when it is disposed. */
export interface BuiltPackage extends AsyncDisposable {
  /** The folder, as `./npm` after a build. */
  readonly dir: string;
  /** The tarball of `npm pack`. */
  readonly tarball: string;
}

/** Builds and packs the npm package. */
export async function builtPackage(): Promise<BuiltPackage> {
  const root = await Deno.makeTempDir({ prefix: "kimi-package-" });
  const dir = join(root, "npm");
  const args = ["run", "-A", "--quiet", BUILD, "--dir", dir, "--pack", root];
  const { code, stderr } = await runProcess(Deno.execPath(), { args, timeout: 120_000 });
  if (code !== 0) throw new Error(`The package was not built:\n${stderr}`);
  const [tarball] = [...Deno.readDirSync(root)].filter(({ name }) => name.endsWith(".tgz"));
  return {
    dir,
    tarball: join(root, tarball?.name ?? ""),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}
