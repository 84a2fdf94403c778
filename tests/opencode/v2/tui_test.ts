import { assertEquals, assertMatch } from "@std/assert";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import tui from "../../../lib/opencode/tui.ts";
import { setUpTui, type Toast, type TuiSlashCommand } from "../../../lib/opencode/v2/tui.ts";
import { isTuiContext } from "../../../lib/opencode/v2/tui.ts";
import { stage } from "./stage.ts";

/** The interface of 2.x. */
function fakeTui() {
  const shown: Toast[] = [];
  let isRendering = false;
  const commands: TuiSlashCommand[] = [];
  let next = Promise.withResolvers<void>();
  const context = {
    ui: {
      slot({ render }: { readonly render: () => null }) {
        for (isRendering of [false, true, true]) render();
        isRendering = false;
        return () => void commands.splice(0);
      },
      toast: {
        show(toast: Toast) {
          shown.push(toast);
          next.resolve();
          next = Promise.withResolvers();
        },
      },
    },
    keymap: {
      layer(layer: () => { readonly commands: readonly TuiSlashCommand[] }) {
        if (!isRendering) throw new Error("No renderer found");
        commands.push(...layer().commands);
      },
    },
  };
  return { context, shown, commands, next: () => next.promise };
}

Deno.test("/kimi-usage of the terminal shows the usage, and the model learns nothing", async () => {
  await using at = await stage();
  await at.logIn();
  const { context, shown, commands, next } = fakeTui();
  const sleep = () => new Promise<never>(() => {});
  const close = setUpTui(context, { ...at.environment, sleep }, createRefreshMemory());
  const [command] = commands;
  assertEquals([command?.id, command?.slash.name], ["opencode-kimi-full.usage", "kimi-usage"]);
  const waiting = next();
  command?.run();
  await waiting;
  const [toast] = shown;
  assertEquals([toast?.title, toast?.variant], ["Kimi usage", "info"]);
  assertMatch(toast?.message ?? "", /resets/);
  assertEquals([at.host.notes.synthetic, commands.length], [[], 1]);
  close();
  assertEquals(commands, []);
});

Deno.test("/kimi-usage of the terminal says how to log in", async () => {
  await using at = await stage();
  const { context, shown, commands, next } = fakeTui();
  const sleep = () => new Promise<never>(() => {});
  setUpTui(context, { ...at.environment, sleep }, createRefreshMemory());
  const waiting = next();
  commands[0]?.run();
  await waiting;
  assertMatch(shown[0]?.message ?? "", /^Not logged in to Kimi: run .* --method oauth/);
});

Deno.test("a window that is nearly used up is told once while the terminal is open", async () => {
  await using at = await stage();
  at.fake.settings.usages = {
    usage: { name: "Weekly limit", used: 95, limit: 100, reset_at: "2099-01-01T00:00:00Z" },
  };
  await at.logIn();
  const { context, shown, next } = fakeTui();
  const waits: (() => void)[] = [];
  const sleep = (milliseconds: number) => {
    at.environment.time += milliseconds;
    return new Promise<void>((resolve) => waits.push(resolve));
  };
  const environment = { ...at.environment, now: () => at.environment.time, sleep };
  const waiting = next();
  const close = setUpTui(context, environment, createRefreshMemory());
  for (let minute = 0; shown.length === 0 && minute < 4; minute++) {
    waits.shift()?.();
    await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  assertEquals(shown.map(({ title, variant }) => [title, variant]), [["Kimi quota", "warning"]]);
  close();
  waits.shift()?.();
});

Deno.test("contract 12: setup of the terminal's part leaves the interfaces of 1.x alone", async () => {
  const layer = () => {
    throw new Error("1.x");
  };
  for (const odd of [undefined, {}, { keymap: { registerLayer: layer } }, { keymap: { layer } }]) {
    assertEquals([await tui.setup(odd), isTuiContext(odd)], [undefined, false]);
  }
});
