/**
 * Releases of opencode 2.x, as far as they differ for a plugin, and what is not known of them. Each
 * unknown is a switch, so that a plugin is run under both answers.
 *
 * Sources of all files of this folder, by the names used in comments: "types" are the published
 * declarations of @opencode/plugin 2.0.7 and 2.0.16; "audit" is a public audit of opencode v2.0.22
 * (527f0b9); upstream's own files are named by file and commit of anomalyco/opencode; "Kiro" is
 * hongyilyu/opencode-v2-kiro-auth 7c2920b5, a plugin that was run on 2.0.20.
 */

/** What nothing public decides, or what differs between releases. */
export interface Switches {
  /** One refresh per process and row: credential/refresh.ts fa5e0f79 has it, but who imports it is not known. */
  readonly singleFlight: boolean;
  /** Tools' schemas are rewritten for models whose id holds "kimi". */
  readonly sanitizesSchemas: boolean;
  /** `options.maxTokens` is filled for the kinds primary and compaction. */
  readonly fillsMaxTokens: boolean;
  /** `content` of an answer that only thought: openai-chat.ts has "", the early core wrote null. */
  readonly thoughtContent: "" | null;
  /** `reasoning_content: ""` in each answer, also where the model asks for none. */
  readonly reasoningEverywhere: boolean;
  /** The callback of an attempt that was cancelled is never listened to. */
  readonly dropsCallback: boolean;
  /** Lists answer 503 while a plugin is still being set up. */
  readonly refusesWhileSettingUp: boolean;
  /** Before a session's first request there is one of the kind "warming". */
  readonly warms: boolean;
  /** Whether the events of the shape hooks say their kind. */
  readonly shapeKind: boolean;
  /** Whether compaction and generate have shape hooks of their own: types of 2.0.16 have them, 2.0.4's docs not. */
  readonly hooksByKind: boolean;
  /** Whether the messages of `session.context` come as `{data}`: the adapter unwraps some answers. */
  readonly wrapsContext: boolean;
}

/** What a release has. */
export interface Version {
  readonly name: string;
  /** `catalog` in place of `provider` and `model`: documented until about 2.0.3. */
  readonly catalog: boolean;
  /** `integration.connection.status`: in Kiro's types of 2.0.20, absent in those of 2.0.16. */
  readonly status: boolean;
  /** `credential.activate`: newest types alone. */
  readonly activate: boolean;
  /** The context of opencode 1.17.10 to 1.19, whose early core also calls `setup`. */
  readonly early?: boolean;
  readonly switches: Switches;
}

const OLDER: Switches = {
  singleFlight: false,
  sanitizesSchemas: false,
  fillsMaxTokens: false,
  thoughtContent: "",
  reasoningEverywhere: false,
  dropsCallback: false,
  refusesWhileSettingUp: false,
  warms: false,
  shapeKind: true,
  hooksByKind: true,
  wrapsContext: false,
};

const NEWER: Switches = {
  ...OLDER,
  sanitizesSchemas: true,
  fillsMaxTokens: true,
  refusesWhileSettingUp: true,
  shapeKind: false,
};

const NEITHER = { catalog: false, status: false, activate: false };

/** The releases, oldest first. */
export const VERSIONS = {
  "1.18": { name: "1.18.34", ...NEITHER, catalog: true, early: true, switches: OLDER },
  "2.0.0": { name: "2.0.0", ...NEITHER, catalog: true, switches: OLDER },
  "2.0.4": { name: "2.0.4", ...NEITHER, switches: OLDER },
  "2.0.16": { name: "2.0.16", ...NEITHER, switches: OLDER },
  "2.0.20": { name: "2.0.20", ...NEITHER, status: true, switches: OLDER },
  newest: { name: "2.2.0", catalog: false, status: true, activate: true, switches: NEWER },
} as const satisfies Readonly<Record<string, Version>>;

/** The name of a release. */
export type VersionName = keyof typeof VERSIONS;

/** Those that a plugin serves. */
export const SERVED: readonly VersionName[] = ["2.0.4", "2.0.16", "2.0.20", "newest"];

/** Both answers of each switch, one changed at a time. */
export const VARIATIONS: readonly Partial<Switches>[] = [
  {},
  { singleFlight: true },
  { sanitizesSchemas: true },
  { sanitizesSchemas: false },
  { fillsMaxTokens: true },
  { fillsMaxTokens: false },
  { thoughtContent: null },
  { reasoningEverywhere: true },
  { dropsCallback: true },
  { refusesWhileSettingUp: true },
  { warms: true },
  { shapeKind: true },
  { shapeKind: false },
  { hooksByKind: false },
  { wrapsContext: true },
];
