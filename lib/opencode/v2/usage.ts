/** The command `/kimi-usage` of the server's part: its answer is a message of the session. */

import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { USAGE_COMMAND, usageText } from "../usage_text.ts";
import type { Core } from "./core.ts";
import type { HostContext } from "./types.ts";
import { inV2Words, V2_WORDS } from "./words.ts";

/** Columns of a message in the terminal. */
const WIDTH = 80;

/** Adds the command, if opencode can run it. */
export async function addUsageCommand(host: HostContext, core: Core): Promise<void> {
  const { command, session } = host;
  if (command === undefined || !("synthetic" in session)) return;
  await command.transform((editor) =>
    editor.add({
      name: USAGE_COMMAND.slash,
      description: "Shows how much of the Kimi plan is used",
      async execute({ sessionID }) {
        const text = await textOf(core).catch((error) => inV2Words(messageOf(error)));
        await session.synthetic?.({ sessionID, text, description: text, resume: false });
      },
    })
  );
}

async function textOf({ environment, options: { client }, provider }: Core): Promise<string> {
  const question = { ...provider, client, words: V2_WORDS, width: WIDTH };
  return await usageText(environment, question);
}
