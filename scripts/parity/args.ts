/** The arguments of the parity check. */

import type { RealClientName } from "../../tests/support/clients/real_client.ts";

const CLIENTS: readonly RealClientName[] = ["kimi-cli", "kimi-code"];

export interface ParityArgs {
  readonly clients: readonly RealClientName[];
  /** Another release than the pinned one. */
  readonly release?: string;
  /** Whether the golden data is made anew. */
  readonly write: boolean;
}

const USAGE = `Use [--client ${CLIENTS.join("|")}] [--release VERSION] [--write]`;

/** Reads the arguments; a text says what is wrong with them. */
export function parseArgs(given: readonly string[]): ParityArgs | string {
  const values: Record<string, string> = {};
  let write = false;
  for (let index = 0; index < given.length; index++) {
    const name = given[index] ?? "";
    if (name === "--write") write = true;
    else if (name === "--client" || name === "--release") values[name] = given[++index] ?? "";
    else return `Unknown argument ${name}. ${USAGE}`;
  }
  const { "--client": named, "--release": release } = values;
  const clients = CLIENTS.filter((client) => named === undefined || client === named);
  if (clients.length === 0) return `There is no client "${named}" to compare with. ${USAGE}`;
  if (release === undefined) return { clients, write };
  if (named === undefined) return `--release needs --client. ${USAGE}`;
  if (!/^\d+(\.\d+)+$/.test(release)) return `"${release}" is not a release. ${USAGE}`;
  if (write) return `--release does not go with --write: move the pin first. ${USAGE}`;
  return { clients, release, write };
}
