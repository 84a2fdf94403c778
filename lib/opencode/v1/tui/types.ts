/**
 * The part of opencode's API for plugins of its terminal interface that is used, under its own names.
 *
 * @see https://www.npmjs.com/package/@opencode-ai/plugin, `tui.d.ts` of 1.14.34 and 1.18.33
 */

/** A command, as `keymap` takes it. */
export interface TuiLayerCommand {
  /** Unique among all commands. */
  readonly name: string;
  /** What the palette shows. */
  readonly title: string;
  /** The heading in the palette. */
  readonly category: string;
  /** Where it is offered. */
  readonly namespace: "palette";
  /** What is typed after the slash. */
  readonly slashName: string;
  /** Runs it. */
  readonly run: () => void;
}

/** A command, as `command` takes it. */
export interface TuiCommand {
  /** Its name, unique among all commands. */
  readonly value: string;
  /** What the palette shows. */
  readonly title: string;
  /** The heading in the palette. */
  readonly category: string;
  /** What is typed after the slash. */
  readonly slash: { readonly name: string };
  /** Runs it. */
  readonly onSelect: () => void;
}

/** What opencode hands to a plugin of its terminal interface. */
export interface TuiApi {
  /** Commands of newer releases. */
  readonly keymap?: {
    /** Adds commands. */
    readonly registerLayer?: (layer: { readonly commands: readonly TuiLayerCommand[] }) => unknown;
  };
  /** Commands of older releases. */
  readonly command?: {
    /** Adds commands. */
    readonly register?: (commands: () => readonly TuiCommand[]) => unknown;
  };
  /** What can be shown. */
  readonly ui: {
    /** A dialog with a text and a button. */
    readonly DialogAlert: (props: { readonly title: string; readonly message: string }) => unknown;
    /** The open dialogs. */
    readonly dialog: {
      /** Replaces all open dialogs. */
      readonly replace: (render: () => unknown, onClose?: () => void) => void;
      /** Sets the width of the open dialog: 60, 88 or 116 columns. */
      readonly setSize: (size: "medium" | "large" | "xlarge") => void;
    };
  };
  /** What the interface knows. */
  readonly state?: {
    /** opencode's configuration. */
    readonly config?: unknown;
  };
  /** The terminal. */
  readonly renderer?: {
    /** Its width in columns. */
    readonly width?: number;
  };
}

/** What opencode says of the plugin. */
export interface TuiMeta {
  /** The plugin as it is written in `tui.json`. */
  readonly spec?: string;
}

/** What opencode 1.x loads. */
export interface TuiPluginModule {
  /** Name of the plugin. */
  readonly id: string;
  /**
   * Called once for each terminal interface.
   *
   * @param api What opencode hands over.
   * @param options The plugin's options in tui.json.
   * @param meta What opencode says of the plugin.
   */
  readonly tui: (api: TuiApi, options?: unknown, meta?: TuiMeta) => Promise<void>;
}
