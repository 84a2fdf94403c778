/**
 * How much a start of opencode reads of the plugin.
 *
 * @module
 */
import { dirname, resolve } from "@std/path";

/** The compressed bytes of a bundled module and of all that it imports statically. */
export async function bundleSize(path: string): Promise<number> {
  const read = new Map<string, Uint8Array<ArrayBuffer>>();
  const visit = async (path: string) => {
    if (read.has(path)) return;
    const bytes = await Deno.readFile(path);
    read.set(path, bytes);
    const code = new TextDecoder().decode(bytes);
    for (const specifier of staticImports(code)) await visit(resolve(dirname(path), specifier));
  };
  await visit(path);
  const sizes = await Promise.all([...read.values()].map(gzipped));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** @returns The files that minified code imports statically. */
export function staticImports(code: string): readonly string[] {
  const found = code.matchAll(/\b(?:import|export)\s*(?:[\w$\s{},*]*?from\s*)?"(\.[^"]+)"/g);
  return [...found].flatMap(([, specifier = ""]) => specifier);
}

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}
