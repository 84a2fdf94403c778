/**
 * The plugin's options.
 *
 * @module
 */

export { type PluginOptions, type ReadOptions, readOptions } from "../protocol/plugin_options.ts";
