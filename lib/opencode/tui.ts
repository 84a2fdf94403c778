/**
 * The plugin of opencode's terminal interface: `export default { id, tui, setup }`. opencode 1.x calls
 * `tui`, 2.x `setup`.
 *
 * @module
 */

import { PACKAGE_NAME } from "../kimi/identity/constants.ts";
import { systemEnvironment } from "../runtime/environment.ts";
import { readOptions } from "../kimi/plugin_options.ts";
import { baseUrlIn, optionsIn } from "./v1/tui/config.ts";
import { USAGE_COMMAND } from "./usage_text.ts";
import type { TuiApi, TuiPluginModule } from "./v1/tui/types.ts";
import { isTuiContext, setUpTui } from "./v2/tui.ts";
import { showUsage } from "./v1/tui/usage_dialog.ts";

export type * from "./v1/tui/types.ts";

/** The plugin of the terminal interface: the command `/kimi-usage`. */
const plugin: TuiPluginModule = {
  id: PACKAGE_NAME,
  tui: (api, given, meta) => {
    register(api, () => {
      const config = api.state?.config;
      const { client } = readOptions(given ?? optionsIn(config, meta?.spec)).options;
      const environment = systemEnvironment();
      void showUsage(api, { environment, client, baseUrl: baseUrlIn(config) });
    });
    return Promise.resolve();
  },
  setup: (context) =>
    Promise.resolve(isTuiContext(context) ? setUpTui(context, systemEnvironment()) : undefined),
};

/** opencode 1.18 has both, and the older one is deprecated. */
function register({ keymap, command }: TuiApi, run: () => void): void {
  const { id, title, group: category, slash } = USAGE_COMMAND;
  const shown = { title, category };
  if (keymap?.registerLayer !== undefined) {
    const layer = { ...shown, name: id, namespace: "palette", slashName: slash, run } as const;
    keymap.registerLayer({ commands: [layer] });
  } else {
    const item = { ...shown, value: id, slash: { name: slash }, onSelect: run };
    command?.register?.(() => [item]);
  }
}

export default plugin;
