/**
 * Popular plugins, and an opencode that has one beside ours.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import type { FakeKimi } from "../fake/kimi.ts";
import { installTool, type OpencodeVersion } from "../tools.ts";
import { type HomeOptions, type Opencode, openOpencode } from "./opencode.ts";

/** A published plugin. */
export interface Neighbour {
  /** Name and version. */
  readonly spec: string;
  /** What opencode shows of it once it is loaded: an agent, a tool, or a way to log in. */
  readonly sign: string;
  /** The provider that it logs in to. */
  readonly provider?: string;
  /** Its own files below the home. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Which of the two is listed first. */
export type Order = "ours first" | "ours last";

/** Our provider. */
export const ID = "kimi-for-coding-oauth";

/** Nothing leaves this machine: not what the plugins tell their makers or Kimi, no download. */
export const QUIET = {
  OMO_DISABLE_POSTHOG: "1",
  OMO_SEND_ANONYMOUS_TELEMETRY: "0",
  HTTPS_PROXY: "http://127.0.0.1:9",
};

export const NEIGHBOURS: readonly Neighbour[] = [
  {
    spec: "oh-my-opencode@4.19.4",
    sign: "Sisyphus",
    files: {
      ".config/opencode/oh-my-opencode.json": '{"disabled_hooks":["auto-update-checker"]}',
    },
  },
  {
    spec: "@tarquinen/opencode-dcp@3.1.14",
    sign: "compress",
    files: { ".config/opencode/dcp.jsonc": '{"autoUpdate":false}' },
  },
  { spec: "opencode-kimi-oauth@1.5.1", sign: "Kimi Code (device flow)", provider: ID },
  { spec: "opencode-anthropic-auth@0.0.13", sign: "Claude Pro/Max", provider: "anthropic" },
  {
    spec: "opencode-gemini-auth@1.3.8",
    sign: "OAuth with Google (Gemini CLI)",
    provider: "google",
  },
];

/** Where the plugins are. */
export interface Setting {
  readonly version: OpencodeVersion;
  readonly kimi: FakeKimi;
  readonly neighbour: Neighbour;
}

/** Makes a home with some plugins, and a login at Kimi's and at the neighbour's. */
export async function openBeside(
  plugin: readonly string[],
  { version, kimi, neighbour }: Setting,
): Promise<Opencode> {
  const { spec, files = {} } = neighbour;
  const options: HomeOptions = { version, kimi, config: { plugin }, env: QUIET };
  const opencode = await openOpencode(options);
  const place = join(opencode.home, ".cache/opencode/packages", spec);
  await Deno.mkdir(dirname(place), { recursive: true });
  await Deno.symlink(await installTool(spec, { scripts: false }), place);
  for (const [path, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(opencode.home, path), text);
  }
  // Alone and with a login, opencode-kimi-oauth ends opencode 1.18.33, unless a provider is configured.
  if (neighbour.provider !== ID || plugin.some((listed) => listed !== spec)) {
    await opencode.writeAuth(authOf(kimi, neighbour));
  }
  return opencode;
}

/** A login that ours must keep to the byte. */
export const LOGIN =
  `{ "type":"oauth","access":"theirs",  "refresh":"foreign", "expires":4102444800000 }`;

/** auth.json with a login of ours that a request refreshes, and the neighbour's. */
function authOf(kimi: FakeKimi, { provider }: Neighbour): string {
  const { access_token: access, refresh_token: refresh } = kimi.issueTokens({ lifetime: 240 });
  const ours = JSON.stringify({ type: "oauth", access, refresh, expires: Date.now() + 240_000 });
  const theirs = provider === undefined || provider === ID ? [] : [`"${provider}": ${LOGIN}`];
  return `{ ${[...theirs, `"${ID}": ${ours}`].join(", ")} }`;
}

/** The plugins in their order. */
export function pluginsOf(ours: string, { spec }: Neighbour, order: Order): readonly string[] {
  return order === "ours first" ? [ours, spec] : [spec, ours];
}
