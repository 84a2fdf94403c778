/** Words of messages that the plugin and the commands share. */

/** Replaces the plugin's option, such as `"client": "kimi-code"`, by the option `--client` of the commands. */
export function inCommandWords(message: string): string {
  return message.replaceAll(/(?:the option )?"client": "([\w-]+)"/g, "--client $1");
}
