/** What a command's user can do: its options are not those of the plugin. */

/** Writes the plugin's option `client` in a message as the commands have it. */
export function inCommandWords(message: string): string {
  return message.replaceAll(/(?:the option )?"client": "([\w-]+)"/g, "--client $1");
}
