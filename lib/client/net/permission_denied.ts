/**
 * Accesses that the runtime denied. Of the three, Deno alone denies any.
 *
 * @module
 */

/**
 * Tells a denied permission from all other errors, such as that a file is not there.
 *
 * @param error Anything that was thrown.
 * @returns Whether it says that a permission of Deno is missing.
 * @see https://docs.deno.com/api/deno/~/Deno.errors.NotCapable
 */
export function isPermissionDenied(error: unknown): boolean {
  return error instanceof Error && error.name === "NotCapable";
}
