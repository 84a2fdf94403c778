/**
 * The part of opencode's API for plugins of its terminal interface that is used, under its own names.
 *
 * @see https://www.npmjs.com/package/@opencode-ai/plugin, `tui.d.ts` of 1.14.34 and 1.18.33
 */

/** A command, as `keymap` takes it; the palette shows title and category. */
export type TuiLayerCommand = {
  /** Unique among all commands. */
  readonly name: string;
  readonly title: string;
  readonly category: string;
  readonly namespace: "palette";
  readonly slashName: string;
  readonly run: () => void;
};

/** A command, as `command` takes it; the palette shows title and category. */
export type TuiCommand = {
  /** Its name, unique among all commands. */
  readonly value: string;
  readonly title: string;
  readonly category: string;
  readonly slash: { readonly name: string };
  readonly onSelect: () => void;
};

/** What opencode hands to a plugin of its terminal interface. */
export type TuiApi = {
  /** Commands of newer releases. */
  readonly keymap?: {
    readonly registerLayer?: (layer: { readonly commands: readonly TuiLayerCommand[] }) => unknown;
  };
  /** Commands of older releases. */
  readonly command?: { readonly register?: (commands: () => readonly TuiCommand[]) => unknown };
  readonly ui: {
    /** A dialog with a text and a button. */
    readonly DialogAlert: (props: { readonly title: string; readonly message: string }) => unknown;
    readonly dialog: {
      /** Replaces all open dialogs. */
      readonly replace: (render: () => unknown, onClose?: () => void) => void;
      /** Sets the width of the open dialog: 60, 88 or 116 columns. */
      readonly setSize: (size: "medium" | "large" | "xlarge") => void;
    };
  };
  /** opencode's configuration. */
  readonly state?: { readonly config?: unknown };
  /** The terminal, with its width in columns. */
  readonly renderer?: { readonly width?: number };
};

/** What opencode loads. */
export type TuiPluginModule = {
  readonly id: string;
  /** Called by opencode 1.x, once for each terminal interface, with the plugin's options and name in tui.json. */
  readonly tui: (
    api: TuiApi,
    options?: unknown,
    meta?: { readonly spec?: string },
  ) => Promise<void>;
  /** Called by opencode 2.x; what it resolves to is called at the end. */
  readonly setup: (context: unknown) => Promise<(() => void) | undefined>;
};
