/** `doctor --online` on a network whose answers a test chooses. */

import type { Finding } from "../../../lib/cli/doctor/checks/finding.ts";
import type { DoctorDeps } from "../../../lib/cli/doctor/collect/machine.ts";
import { askService, type Online } from "../../../lib/cli/doctor/online.ts";
import { diagnosed, type Given, NOW, reported } from "./fixtures.ts";

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

/** Answers as a healthy service does. */
export function fine(input: string | URL | Request): Response {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  return Response.json(pathname.endsWith("/models") ? MODELS : CODES, { headers: DATE });
}

/** Answers a request. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Response;

/** Asks the service. */
export async function asked(
  answer: Fetch,
  given: Given = {},
  deps: Partial<DoctorDeps> = {},
): Promise<Online> {
  return await askService(
    {
      fetch: (input, init) => Promise.resolve().then(() => answer(input, init)),
      now: () => NOW,
      lookup: () => Promise.resolve(),
      ...deps,
    },
    await diagnosed(given),
    new AbortController().signal,
  );
}

/** The findings in its answers. */
export async function found(
  answer: Fetch,
  given: Given = {},
  deps: Partial<DoctorDeps> = {},
): Promise<readonly Finding[]> {
  const online = await asked(answer, given, deps);
  return (await reported(given, { online })).findings;
}
