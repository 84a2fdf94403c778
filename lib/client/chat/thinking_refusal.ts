/** Recognises that a model refuses to answer without thinking. */

import type { ChatBody } from "../../kimi/chat/body.ts";
import { objectOf } from "../../kimi/util/json.ts";

const REFUSAL = /only type\s*=\s*"?enabled/i;

/** Whether the answer to a body without thinking is that refusal; leaves the answer unread. */
export async function refusesOff(response: Response, { body }: ChatBody): Promise<boolean> {
  if (response.status !== 400 || objectOf(body.thinking).type !== "disabled") return false;
  return REFUSAL.test(await response.clone().text());
}
