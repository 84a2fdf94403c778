/** What opencode 2.x's user can do: its commands are not those of 1.x. */

import type { HostWords } from "../../kimi/errors/error_words.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { loginCommand } from "../../kimi/identity/login_messages.ts";
import type { Region } from "../../kimi/identity/regions.ts";
import { OPENCODE_WORDS } from "../error_words.ts";
import { METHOD_IDS } from "./login/row.ts";

/** Of the server's part and of the terminal's, which tells the model nothing. */
export const USAGE_COMMAND = "kimi-usage";

const REGION_NAMES: readonly Region[] = ["com", "ai"];

function command(region: Region): string {
  return `opencode auth login ${PROVIDER_ID} --method ${METHOD_IDS[region]}`;
}

export const SECOND_WORDS: HostWords = {
  ...OPENCODE_WORDS,
  login: `run opencode auth login ${PROVIDER_ID}, and choose kimi.com`,
};

/** Writes the login commands of 1.x in a message as 2.x has them. */
export function inSecondWords(message: string): string {
  return REGION_NAMES.reduce(
    (text, region) => text.replaceAll(loginCommand(region), command(region)),
    message,
  );
}
