/** The command that shows the usage of the plan. */

import { PACKAGE_NAME } from "../kimi/identity/constants.ts";

/** How each part of opencode lists it. */
export const USAGE_COMMAND = {
  id: `${PACKAGE_NAME}.usage`,
  title: "Kimi usage",
  group: "Kimi",
  slash: "kimi-usage",
} as const;
