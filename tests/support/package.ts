/** The npm package, built and packed into a temporary folder. */
import { join } from "@std/path";
import { buildNpm, packNpm } from "../../scripts/build_npm.ts";

/** A package that goes when it is disposed. */
export interface BuiltPackage extends AsyncDisposable {
  /** The folder, as `./npm` after a build. */
  readonly dir: string;
  /** What `npm pack` made of it. */
  readonly tarball: string;
}

/** Builds and packs the npm package. */
export async function builtPackage(): Promise<BuiltPackage> {
  const root = await Deno.makeTempDir({ prefix: "kimi-package-" });
  const { dir } = await buildNpm(join(root, "npm"));
  return {
    dir,
    tarball: await packNpm(dir, root),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}
