/**
 * How rolldown bundles the npm package. Everything is minified: Bun writes what it transpiled of a file
 * from 50 KB on into a cache below the user's home, and opencode 1.18.33 imports `.` too, where its host
 * for plugins of the 2.x shape looks.
 */

import { VERSION } from "../lib/kimi/identity/constants.ts";
import { ENTRIES } from "./entries.ts";

/** Whether a module is loaded together with its entry. */
function isEager(id, graph) {
  const info = graph.getModuleInfo(id);
  return info !== null && (info.isEntry || info.importers.some((by) => isEager(by, graph)));
}

/**
 * The entry's file holds what a start and an ordinary request need, another one the rest, which imports
 * from the entry's: Bun takes a millisecond for each file more.
 */
const halves = {
  includeDependenciesRecursively: false,
  groups: [{ debugName: "halves", name: (id, graph) => isEager(id, graph) ? null : "rest" }],
};

/** Bun reads a file that begins with `// @bun` byte by byte, and would make three letters of a `…`. */
const ascii = {
  name: "ascii",
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      chunk.code = chunk.code.replace(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
    }
  },
};

export default ENTRIES.map(({ source, bundle, isSplit }) => ({
  input: source,
  platform: "neutral",
  preserveEntrySignatures: isSplit ? "allow-extension" : "strict",
  external: /^node:/,
  plugins: [ascii],
  output: {
    format: "esm",
    minify: true,
    entryFileNames: bundle,
    chunkFileNames: "dist/[name].js",
    comments: false,
    // Bun takes a file that begins so as it is, and spends half of the time on it.
    postBanner: `// @bun\n/*! opencode-kimi-full ${VERSION}, MIT license */`,
    codeSplitting: isSplit ? halves : false,
  },
}));
