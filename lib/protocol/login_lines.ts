/**
 * The lines that ask for a login.
 *
 * @module
 */

/** The command that helps where the login is at fault. */
const LOGIN_COMMAND = "opencode auth login -p kimi-for-coding-oauth";

/** The line where there is no login. */
export const NOT_LOGGED_IN = `Not logged in to Kimi: run "${LOGIN_COMMAND}"`;

/** The line where the login has ended. */
export const LOGIN_REJECTED = `Kimi no longer accepts the login: run "${LOGIN_COMMAND}"`;
