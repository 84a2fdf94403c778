/** Asks npm and PyPI for the newest release of a pin. */

import { isObject } from "../../lib/kimi/util/json.ts";
import type { Pin } from "./pins.ts";

/** What a registry says of a pin. */
export interface Release {
  readonly pin: Pin;
  readonly newest: string;
  /** Whether it is newer than the pin, and than the release that was looked at. */
  readonly isNew: boolean;
}

/** Milliseconds that a registry may take. */
const TIMEOUT = 30_000;

/** A registry's answer is far smaller. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Returns the newest release; one that is marked as a preview does not count.
 *
 * @throws {Error} If the registry cannot be asked, or its answer has no release.
 */
export async function askRelease(pin: Pin, fetch: Fetch): Promise<Release> {
  const { registry, package: name } = pin;
  const json = await ask(registry, addressOf(pin), fetch);
  const newest = registry === "npm"
    ? memberOf(json, "latest")
    : memberOf(memberOf(json, "info"), "version");
  if (typeof newest !== "string" || !/^\d+(\.\d+)+$/.test(newest)) {
    throw new Error(`${registry} names no release of ${name}: try again, or look at its page`);
  }
  const known = [pin.pinned, pin.skipped?.release ?? pin.pinned];
  return { pin, newest, isNew: known.every((version) => compareVersions(newest, version) > 0) };
}

/** Compares versions of numbers: negative if the first is the older one. */
export function compareVersions(first: string, second: string): number {
  const [a, b] = [first, second].map((version) => version.split(".").map(Number));
  for (let index = 0; index < Math.max(a?.length ?? 0, b?.length ?? 0); index++) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function addressOf({ registry, package: name }: Pin): string {
  return registry === "npm"
    ? `https://registry.npmjs.org/-/package/${name.replace("/", "%2f")}/dist-tags`
    : `https://pypi.org/pypi/${name}/json`;
}

async function ask(registry: string, url: string, fetch: Fetch): Promise<unknown> {
  const why = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) }).then(
    async (response) =>
      response.ok ? await response.json() : new Error(`status ${response.status}`),
  ).catch((error: unknown) => error instanceof Error ? error : new Error(String(error)));
  if (!(why instanceof Error)) return why;
  throw new Error(
    `${registry} did not answer at ${url}: ${why.message}. Check the network; behind a proxy with a ` +
      "certificate of its own, set DENO_TLS_CA_STORE=system",
  );
}

function memberOf(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}
