/**
 * The Deno permissions that the commands ask for, and why.
 *
 * @module
 */

/** A permission of Deno. */
export interface Permission {
  /** Its flag, such as `--allow-net`. */
  readonly flag: string;
  /** What it is narrowed to, as a shell reads it: hosts, names, or paths with `$HOME`. */
  readonly value: string;
  /** What it is wanted for, to be read behind "needed to". */
  readonly why: string;
}

/** What Deno says of an access that it denied. Source: Deno 2.9 `runtime/permissions`. */
const DENIAL = /Requires ([\w-]+) access(?: to (.+?))?, run again with the (--allow-[\w-]+) flag/;

/** An access that Deno denied. */
export interface Denial {
  /** The flag that is missing. */
  readonly flag: string;
  /** What was to be reached, if Deno says so. */
  readonly target: string | undefined;
}

/**
 * Finds a denied permission in an error or in what caused it.
 *
 * @param error Anything that was thrown.
 * @returns What was denied, or undefined where the error is something else.
 */
export function denialOf(error: unknown): Denial | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const [, , target, flag] = at.name === "NotCapable" ? DENIAL.exec(at.message) ?? [] : [];
    if (flag !== undefined) return { flag, target };
  }
  return undefined;
}

/**
 * Says which flag is missing and why it is wanted.
 *
 * @param denial What was denied.
 * @param permissions What the command asks for.
 * @returns Lines for a person.
 */
export function explainDenial(
  { flag, target }: Denial,
  permissions: readonly Permission[],
): string {
  const wanted = permissions.filter((permission) => permission.flag === flag);
  const reason = wanted.map(({ why }) => why).join(", and to ");
  return `Deno denied ${target === undefined ? "an access" : `the access to ${target}`}: ` +
    `${flag} is missing${reason === "" ? "" : `, which is needed to ${reason}`}. ` +
    `Run again with ${wanted.map(flagOf).join(" ") || flag}`;
}

/**
 * A permission as it is typed.
 *
 * @param permission The permission.
 * @returns Such as `--allow-net=auth.kimi.com`.
 */
export function flagOf({ flag, value }: Permission): string {
  return value === "" ? flag : /[$\s]/.test(value) ? `${flag}="${value}"` : `${flag}=${value}`;
}
