/** `/kimi-usage`: a dialog that shows how much of the plan is used. */

import type { Environment } from "../../../client/environment.ts";
import { createAuthJsonTokens } from "../../../client/auth_json/store.ts";
import type { RefreshMemory } from "../../../client/tokens/login_store.ts";
import type { ClientName } from "../../../kimi/identity/constants.ts";
import { messageOf } from "../../../kimi/errors/kimi_error.ts";
import { wrapWords } from "../../../kimi/util/wrap.ts";
import { OPENCODE_WORDS } from "../../error_words.ts";
import { USAGE_COMMAND, usageText } from "../../usage_text.ts";
import type { TuiApi } from "./types.ts";

/** Columns of a large dialog without its margins, and its margins in a smaller terminal. */
const TEXT_WIDTH = 84;
const MARGINS = 6;

/** What the dialog depends on. */
export interface UsageDialog {
  readonly environment: Environment;
  readonly client: ClientName;
  readonly baseUrl: string | undefined;
  readonly memory?: RefreshMemory;
}

/** Shows the dialog at once, and the answer when it comes unless the user has closed the dialog. */
export async function showUsage(api: TuiApi, dialog: UsageDialog): Promise<void> {
  let isClosed = false;
  show(api, "Asking Kimi…", () => isClosed = true);
  const width = Math.min(TEXT_WIDTH, (api.renderer?.width ?? 80) - MARGINS);
  // opencode breaks a line within "-m", and a command would be copied with the break.
  const text = await textOf(dialog, width)
    .catch((error) => wrapWords(messageOf(error), width).join("\n"));
  if (!isClosed) show(api, text);
}

function show({ ui }: TuiApi, message: string, onClose?: () => void): void {
  ui.dialog.replace(() => ui.DialogAlert({ title: USAGE_COMMAND.title, message }), onClose);
  ui.dialog.setSize("large");
}

async function textOf(dialog: UsageDialog, width: number): Promise<string> {
  const { environment, client } = dialog;
  const login = await createAuthJsonTokens(environment, dialog);
  return await usageText(environment, { ...login, words: OPENCODE_WORDS, client, width });
}
