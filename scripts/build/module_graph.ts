/** What a built module imports, and how large it is. */

import { dirname, fromFileUrl, resolve, toFileUrl } from "@std/path";
import type { Entry } from "../entries.ts";
import { run } from "../shared/run.ts";

/** What `deno info --json` prints of a module and of all that it imports. */
interface ModuleGraph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly isDynamic?: boolean;
      readonly code?: { readonly specifier?: string };
    }[];
  }[];
}

async function graphOf(path: string): Promise<ModuleGraph> {
  const { stdout } = await run(Deno.execPath(), ["info", "--json", "--no-lock", path]);
  return JSON.parse(stdout);
}

/** Throws if an entry's bundle imports what it may not. */
export async function checkImports(path: string, { allowed, isSplit }: Entry): Promise<void> {
  const { roots, modules } = await graphOf(path);
  const own = toFileUrl(`${dirname(resolve(path))}/`).href;
  const foreign = modules.map(({ specifier }) => specifier).filter((specifier) =>
    !roots.includes(specifier) && !allowed.test(specifier) &&
    !(isSplit && specifier.startsWith(own))
  );
  if (foreign.length > 0) throw new Error(`${path} imports ${foreign.join(", ")}`);
}

/** Paths of the files that are read if a module is imported: all but dynamic imports. */
export async function eagerFiles(path: string): Promise<readonly string[]> {
  const { roots, modules } = await graphOf(path);
  const reached = new Set<string>();
  const visit = (specifier: string) => {
    if (reached.has(specifier) || !specifier.startsWith("file:")) return;
    reached.add(specifier);
    const module = modules.find((module) => module.specifier === specifier);
    for (const { isDynamic, code } of module?.dependencies ?? []) {
      if (isDynamic !== true && code?.specifier !== undefined) visit(code.specifier);
    }
  };
  roots.forEach(visit);
  return [...reached].map((specifier) => fromFileUrl(specifier));
}

/** Bytes of files together, gzipped. */
export async function gzippedBytes(paths: readonly string[]): Promise<number> {
  const parts = await Promise.all(paths.map((path) => Deno.readFile(path)));
  const packed = new Blob(parts).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}
