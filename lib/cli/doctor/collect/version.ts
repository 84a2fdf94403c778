/** Compares versions. */

const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?/;

/** Orders "rc.9" before "rc.10". */
const { compare } = new Intl.Collator("en", { numeric: true });

/** Returns a number below 0 if the first version is older, and 0 if one of them cannot be read. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [VERSION.exec(one), VERSION.exec(other)];
  if (left === null || right === null) return 0;
  const steps = [1, 2, 3].map((part) => Number(left[part]) - Number(right[part]));
  const [early, late] = [left[4], right[4]];
  if (early !== undefined && late !== undefined) steps.push(compare(early, late));
  // A release is newer than its pre-releases.
  else steps.push(Number(early === undefined) - Number(late === undefined));
  return steps.find((step) => step !== 0) ?? 0;
}
