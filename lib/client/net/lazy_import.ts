/** Parts of this package that are loaded when they are needed, or ahead of that in the background. */

import { KimiError } from "../../kimi/errors/kimi_error.ts";

const loaders: (() => Promise<unknown>)[] = [];

/** Registers a dynamic import for {@linkcode loadAll}, and returns a function that waits for it. */
export function lazy<Part>(doing: string, load: () => Promise<Part>): () => Promise<Part> {
  loaders.push(load);
  let part: Promise<Part> | undefined;
  // Bun takes longer for an import that it has made before than for all else that a request needs.
  return () =>
    part ??= importOr(doing, load()).catch((error) => {
      part = undefined;
      throw error;
    });
}

/** Waits for a dynamic import; `not_loaded` if an upgrade has removed the file meanwhile. */
export async function importOr<Part>(doing: string, part: Promise<Part>): Promise<Part> {
  try {
    return await part;
  } catch (cause) {
    const message = `${doing}: a file of opencode-kimi-full cannot be read, perhaps since it was ` +
      "upgraded meanwhile: restart opencode";
    throw new KimiError("not_loaded", message, { cause });
  }
}

/** Loads all registered parts while their files are there: an upgrade may remove them later. */
export async function loadAll(doing: string): Promise<void> {
  await importOr(doing, Promise.all(loaders.map((load) => load())));
}
