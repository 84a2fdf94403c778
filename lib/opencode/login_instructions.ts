/** What a login tells the user. */

/** Returns the text beside the URL. */
export function loginInstructions(userCode: string): string {
  return `Confirm the code ${userCode} in the browser. Kimi ties this login to its own ` +
    'clients and may suspend accounts; "client": "opencode" in the plugin options sends an ' +
    "honest identity (see the README)";
}
