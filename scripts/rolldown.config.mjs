/**
 * How rolldown bundles the npm package. Everything is minified: Bun caches transpiled files of 50 KB and
 * more below the user's home, and opencode 1.18.33 imports `.` too, for plugins of the 2.x shape.
 */

import { VERSION } from "../lib/kimi/identity/constants.ts";
import { ENTRIES } from "./entries.ts";

/** Whether a module is loaded together with its entry. */
function isEager(id, graph) {
  const info = graph.getModuleInfo(id);
  return info !== null && (info.isEntry || info.importers.some((by) => isEager(by, graph)));
}

/** Whether a module is needed by a chat alone, or by it and other parts that are loaded later. */
function isOfChat(id, graph) {
  if (/\/client\/chat\/chat_part\.ts$/.test(id)) return true;
  return graph.getModuleInfo(id)?.importers.some((by) => isOfChat(by, graph)) ?? false;
}

/**
 * Four files beside the entry: what a start needs, bodies and answers of a chat, what opencode 2.x alone
 * loads, and the rest. Each further file costs Bun a millisecond, and without a name for what a start
 * needs rolldown makes five of it.
 */
const parts = {
  includeDependenciesRecursively: false,
  groups: [{
    debugName: "parts",
    name(id, graph) {
      if (isEager(id, graph)) return graph.getModuleInfo(id)?.isEntry ? null : "start";
      if (isOfChat(id, graph)) return "chat";
      return /\/opencode\/v2\//.test(id) ? "second" : "rest";
    },
  }],
};

/** Bun reads a file that begins with `// @bun` as Latin-1, so it must be ASCII. */
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
    // Each entry is bundled by itself, and their chunks differ.
    chunkFileNames: source === "mod.ts" ? "dist/mod_[name].js" : "dist/[name].js",
    comments: false,
    // Bun does not transpile a file that begins like this, which halves the import.
    postBanner: `// @bun\n/*! opencode-kimi-full ${VERSION}, MIT license */`,
    codeSplitting: isSplit ? parts : false,
  },
}));
