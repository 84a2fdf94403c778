import type { TuiApi, TuiCommand, TuiLayerCommand } from "../../../../lib/opencode/v1/tui/types.ts";

/** A dialog that was shown. */
export interface Shown {
  readonly title: string;
  readonly message: string;
  readonly size: string;
}

/** opencode's terminal interface, as far as the plugin uses it. */
export interface FakeTui {
  readonly api: TuiApi;
  /** Commands that were registered in the newer way. */
  readonly layer: readonly TuiLayerCommand[];
  /** Commands that were registered in the older way. */
  readonly commands: readonly TuiCommand[];
  /** All dialogs so far. */
  readonly shown: readonly Shown[];
  /** Waits for so many dialogs. */
  readonly dialogs: (count: number) => Promise<void>;
  /** The user closes what is shown. */
  readonly close: () => void;
}

/** Makes an interface as a release has it: 1.18 has both ways to register a command. */
export function fakeTui(release: "1.14" | "1.18", more: Partial<TuiApi> = {}): FakeTui {
  const layer: TuiLayerCommand[] = [];
  const commands: TuiCommand[] = [];
  const shown: { title: string; message: string; size: string }[] = [];
  const waiting: (() => void)[] = [];
  let onClose: (() => void) | undefined;
  let rendering: { title: string; message: string } | undefined;
  const close = () => {
    const told = onClose;
    onClose = undefined;
    told?.();
  };
  const api: TuiApi = {
    command: { register: (given) => commands.push(...given()) },
    ...(release === "1.18"
      ? { keymap: { registerLayer: (given) => layer.push(...given.commands) } }
      : {}),
    ui: {
      DialogAlert: (props) => rendering = { ...props },
      dialog: {
        replace(render, told) {
          close();
          onClose = told;
          render();
          if (rendering !== undefined) shown.push({ ...rendering, size: "medium" });
          for (const wake of waiting.splice(0)) wake();
        },
        setSize(size) {
          const last = shown.at(-1);
          if (last !== undefined) last.size = size;
        },
      },
    },
    ...more,
  };
  return {
    api,
    layer,
    commands,
    shown,
    async dialogs(count) {
      while (shown.length < count) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    close,
  };
}
