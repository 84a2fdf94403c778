/** Recognizes an access that Deno denied. */

/** Reports whether a permission of Deno is missing, unlike a file that does not exist. */
export function isPermissionDenied(error: unknown): boolean {
  return error instanceof Error && error.name === "NotCapable";
}
