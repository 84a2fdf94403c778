/**
 * Parts of this package that an ordinary request does not need: each is loaded when it is, or ahead of
 * that in the background.
 *
 * @module
 */

import { KimiError } from "../../kimi/errors/kimi_error.ts";

/**
 * Waits for a part. Its file may be gone: an upgrade replaces the package while it runs.
 *
 * @param doing What needs it.
 * @param part The dynamic import.
 * @returns The part.
 * @throws {KimiError} `not_loaded`.
 */
export async function loaded<Part>(doing: string, part: Promise<Part>): Promise<Part> {
  try {
    return await part;
  } catch (cause) {
    throw new KimiError(
      "not_loaded",
      `${doing}: a file of opencode-kimi-full cannot be read, perhaps since it was upgraded ` +
        "meanwhile: restart opencode",
      { cause },
    );
  }
}
