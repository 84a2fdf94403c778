/** What opencode 2.x's user can do: its commands are not those of 1.x. */

import type { HostWords } from "../../kimi/errors/error_words.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { loginCommand } from "../../kimi/identity/login_messages.ts";
import type { Region } from "../../kimi/identity/regions.ts";
import { v2LoginCommand } from "../../kimi/identity/v2_login.ts";
import { OPENCODE_WORDS } from "../error_words.ts";

const REGION_NAMES: readonly Region[] = ["com", "ai"];

export const V2_WORDS: HostWords = {
  ...OPENCODE_WORDS,
  login: `run opencode auth login ${PROVIDER_ID}, and choose kimi.com`,
};

/** Writes the login commands of 1.x in a message as 2.x has them. */
export function inV2Words(message: string): string {
  return REGION_NAMES.reduce(
    (text, region) => text.replaceAll(loginCommand(region), v2LoginCommand(region)),
    message,
  );
}
