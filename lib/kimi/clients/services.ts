/** The requests of each client to the plan's search and fetch services. */

import type { ClientName } from "../identity/constants.ts";
import { KIMI_CLI_SERVICES } from "../kimi_cli/services.ts";
import { KIMI_CODE_SERVICES } from "../kimi_code/services.ts";
import type { ServiceForm } from "../services/form.ts";

/** The forms by name of the client. */
export const SERVICES: Readonly<Record<ClientName, ServiceForm>> = {
  "kimi-cli": KIMI_CLI_SERVICES,
  "kimi-code": KIMI_CODE_SERVICES,
  opencode: { ...KIMI_CLI_SERVICES, headers: () => ({}) },
};
