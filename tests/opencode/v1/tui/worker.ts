/**
 * Runs `/kimi-usage` of a plugin's module against the interface of a release, under Deno or Bun, and
 * prints the dialogs.
 */

import process from "node:process";
import type { TuiPluginModule } from "../../../../lib/opencode/v1/tui/types.ts";
import { fakeTui } from "./fixtures.ts";

const [module = "", release, config = "{}", options] = process.argv.slice(2);
const { default: plugin }: { default: TuiPluginModule } = await import(module);
const made = fakeTui(release === "1.18" ? "1.18" : "1.14", {
  state: { config: JSON.parse(config) },
  renderer: { width: 44 },
});
await plugin.tui(made.api, options === undefined ? undefined : JSON.parse(options), {
  spec: "file:///plugin",
});
made.layer[0]?.run();
made.commands[0]?.onSelect();
await made.dialogs(2);
process.stdout.write(JSON.stringify(made.shown), () => process.exit());
