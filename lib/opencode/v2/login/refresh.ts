/** Refreshes a row: the login of auth.json is refreshed in its place, and mirrored. */

import type { Environment } from "../../../client/environment.ts";
import type { TokenManager } from "../../../client/tokens/token_manager.ts";
import { KimiError, messageOf, needsLogin } from "../../../kimi/errors/kimi_error.ts";
import { NOT_LOGGED_IN } from "../../../kimi/identity/login_messages.ts";
import type { OAuthRow } from "../types.ts";
import { inV2Words } from "../words.ts";
import type { Logins } from "./logins.ts";
import { fromRow, toRow } from "./row.ts";

/** What a refresh depends on. */
export interface Refreshing {
  readonly environment: Pick<Environment, "log">;
  readonly logins: Logins;
  readonly tokens: TokenManager;
  /** Marks the account as one that has to log in, or no longer. */
  readonly mark: (problem: string | undefined) => Promise<void>;
}

/**
 * Returns the row to store. If it rejects, opencode fails the turn, although the access token may still be
 * good: so it rejects only if the login is over.
 */
export async function refreshRow(
  { environment, logins, tokens, mark }: Refreshing,
  given: OAuthRow,
): Promise<OAuthRow> {
  const row = fromRow(given);
  try {
    if (row === undefined) throw new KimiError("not_logged_in", NOT_LOGGED_IN);
    await logins.follow(row);
    await tokens.current();
    await tokens.settled();
    const login = await tokens.stored();
    // A switch to another account may have come in between.
    if (login === undefined || !row.isOf(login)) return given;
    await mark(undefined);
    return toRow(login, given.methodID);
  } catch (error) {
    const message = inV2Words(messageOf(error));
    if (needsLogin(error)) {
      await mark(message);
      throw new Error(message, { cause: error });
    }
    environment.log("warn", `${message}; the account stays as it is`);
    return given;
  }
}
