/** What opencode's user can do about an error of the API. */

import type { HostWords } from "../kimi/errors/error_words.ts";

export const OPENCODE_WORDS: HostWords = {
  // As loginCommand() writes it; an import of it would split the plugin's first file in two.
  login: 'run opencode auth login -p kimi-for-coding-oauth -m "Kimi account (kimi.com)"',
  client: "set the plugin option {clients}",
  shorten: "run /compact, or start a new session",
  remove: "take back what is large, such as images, with /undo, or start a new session",
  rephrase: "change the last message, or start a new session",
};
