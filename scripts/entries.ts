/** The entries of the npm package. */

/** An entry. */
export interface Entry {
  /** The module that it is made of. */
  readonly source: string;
  /** Its file in the package. */
  readonly bundle: string;
  /** What it may import, beside its own files. */
  readonly allowed: RegExp;
  /** Whether it is split in two: what a start needs, and what is loaded after it; else it is one file. */
  readonly isSplit: boolean;
}

const NOTHING = /^$/;
const NODE = /^node:/;

/** All of them. */
export const ENTRIES: readonly Entry[] = [
  { source: "mod.ts", bundle: "dist/mod.js", allowed: NOTHING, isSplit: true },
  { source: "lib/runtime/mod.ts", bundle: "dist/runtime.js", allowed: NODE, isSplit: false },
  {
    source: "lib/client/protocol.ts",
    bundle: "dist/protocol.js",
    allowed: NOTHING,
    isSplit: false,
  },
  { source: "lib/opencode/server.ts", bundle: "dist/server.js", allowed: NODE, isSplit: true },
  { source: "lib/opencode/tui.ts", bundle: "dist/tui.js", allowed: NODE, isSplit: false },
];
