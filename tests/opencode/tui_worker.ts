/** Runs `/kimi-usage` of the real plugin against an interface of a release, and prints the dialogs. */

import tui from "../../lib/opencode/tui.ts";
import { fakeTui } from "./tui_fixtures.ts";

const [release, config = "{}", options] = Deno.args;
const made = fakeTui(release === "1.18" ? "1.18" : "1.14", {
  state: { config: JSON.parse(config) },
  renderer: { width: 60 },
});
await tui.tui(made.api, options === undefined ? undefined : JSON.parse(options), {
  spec: "file:///plugin",
});
made.layer[0]?.run();
made.commands[0]?.onSelect();
await made.dialogs(2);
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(made.shown)));
Deno.exit();
