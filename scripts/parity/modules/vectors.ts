/** The recorded conversations. */

import { fromFileUrl } from "@std/path";
import { KIMI_CLI_VERSION } from "../../../lib/kimi/identity/constants.ts";
import type { Spec } from "../../../tests/support/conversations.ts";

/** A conversation, and the body that kimi-cli sent for it. */
export interface Vector {
  readonly name: string;
  readonly spec: Spec & { readonly context: number };
  readonly body: string;
}

export const VECTORS = `tests/data/kimi-cli-${KIMI_CLI_VERSION}/conversations.json`;

export function readVectors(): readonly Vector[] {
  const url = new URL(`../../../${VECTORS}`, import.meta.url);
  return JSON.parse(Deno.readTextFileSync(fromFileUrl(url)));
}
