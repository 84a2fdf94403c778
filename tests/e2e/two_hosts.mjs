/** The plugin as it is, but for a note of each call of `setup` in the file of the environment variable. */

import { appendFileSync } from "node:fs";

const { default: plugin } = await import(process.env.PLUGIN_SERVER);

export default {
  ...plugin,
  async setup(context) {
    const started = performance.now();
    const given = await plugin.setup(context);
    const note = {
      keys: Object.keys(context),
      gives: typeof given,
      took: performance.now() - started,
    };
    appendFileSync(process.env.SETUP_NOTES, `${JSON.stringify(note)}\n`);
    return given;
  },
};
