/**
 * The entry that opencode's terminal interface loads: `export default { id, tui }`.
 *
 * @module
 */

import { type RefreshMemory, refreshMemory } from "../auth/refresh_memory.ts";
import { PACKAGE_NAME } from "../protocol/clients.ts";
import { realEnvironment } from "../runtime/environment.ts";
import { readOptions } from "../protocol/plugin_options.ts";
import { baseUrlIn, optionsIn } from "./tui_config.ts";
import type { TuiApi, TuiPluginModule } from "./tui_types.ts";
import { showUsage } from "./usage_dialog.ts";

export type { TuiApi, TuiCommand, TuiLayerCommand, TuiMeta, TuiPluginModule } from "./tui_types.ts";

const NAME = `${PACKAGE_NAME}.usage`;
const SLASH = "kimi-usage";
const COMMAND = { title: "Kimi usage", category: "Kimi" } as const;

/** opencode imports a module once. */
let memory: RefreshMemory | undefined;

/** The plugin. */
const plugin: TuiPluginModule = {
  id: PACKAGE_NAME,
  tui: (api, given, meta) => {
    register(api, () => {
      memory ??= refreshMemory();
      const config = api.state?.config;
      const { client } = readOptions(given ?? optionsIn(config, meta?.spec)).options;
      const environment = realEnvironment(() => {});
      const baseUrl = baseUrlIn(config);
      void showUsage(api, { environment, client, baseUrl, memory });
    });
    return Promise.resolve();
  },
};

/** 1.18 has both ways, the older one deprecated. */
function register({ keymap, command }: TuiApi, run: () => void): void {
  if (keymap?.registerLayer !== undefined) {
    const layer = { ...COMMAND, name: NAME, namespace: "palette", slashName: SLASH, run } as const;
    keymap.registerLayer({ commands: [layer] });
  } else {
    command?.register?.(() => [
      { ...COMMAND, value: NAME, slash: { name: SLASH }, onSelect: run },
    ]);
  }
}

export default plugin;
