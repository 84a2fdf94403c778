/** The questions of `doctor --online`, on a network that a test answers for. */

import { doctorReport } from "../../../lib/cli/doctor/report/build.ts";
import type { Finding } from "../../../lib/cli/doctor/checks/finding.ts";
import { askService, type Online, type OnlineReach } from "../../../lib/cli/doctor/online.ts";
import { examined, type Given, NOW } from "./fixtures.ts";

/** The service's clock. */
export const DATE = { date: new Date(NOW).toUTCString() };
/** The account's models. */
const MODELS = { data: [{ id: "kimi-for-coding", context_length: 262144 }] };

/** The answer to a device authorization. */
const CODES = {
  device_code: "SECRET-device",
  user_code: "ABCD",
  verification_uri: "https://www.kimi.com/x",
};

/** A network on which all is well. */
export function fine(input: string | URL | Request): Response {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  return Response.json(pathname.endsWith("/models") ? MODELS : CODES, { headers: DATE });
}

/** What answers a request. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Response;

/** What the service was asked, and answered. */
export async function asked(
  answer: Fetch,
  given: Given = {},
  reach: Partial<OnlineReach> = {},
): Promise<Online> {
  return await askService(
    {
      fetch: (input, init) => Promise.resolve().then(() => answer(input, init)),
      now: () => NOW,
      lookup: () => Promise.resolve(),
      ...reach,
    },
    await examined(given),
    new AbortController().signal,
  );
}

/** What doctor finds in that. */
export async function found(
  answer: Fetch,
  given: Given = {},
  reach: Partial<OnlineReach> = {},
): Promise<readonly Finding[]> {
  const online = await asked(answer, given, reach);
  const options = { full: false, request: false, runtime: "" };
  return doctorReport(await examined(given), online, options).findings;
}
