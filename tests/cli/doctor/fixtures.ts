/** A machine in memory, healthy at first, for doctor to look at. */

import { doctorReport } from "../../../lib/cli/doctor/report/build.ts";
import type { DoctorReport } from "../../../lib/cli/doctor/report/types.ts";
import { type Examination, examine } from "../../../lib/cli/doctor/diagnosis.ts";
import type { Finding } from "../../../lib/cli/doctor/checks/finding.ts";
import { lookAtMachine, type Reach } from "../../../lib/cli/doctor/collect/machine.ts";
import type { Online } from "../../../lib/cli/doctor/online.ts";
import type { SeenFile, Sighting } from "../../../lib/cli/doctor/collect/path_state.ts";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";

/** When all of it happens. */
export const NOW = Date.UTC(2030, 0, 1, 12);

export const HOME = "/home/ann";
export const PROJECT = "/home/ann/secret";
export const CONFIG = `${HOME}/.config/opencode/opencode.json`;
export const AUTH = `${HOME}/.local/share/opencode/auth.json`;
export const LOCK = `${HOME}/.local/share/opencode/kimi-for-coding-oauth.lock`;
export const DEVICE_ID = `${HOME}/.kimi/device_id`;
export const INSTALLED = `${HOME}/.cache/opencode/packages/opencode-kimi-full@latest/` +
  "node_modules/opencode-kimi-full/package.json";

/** What lies at a path: a text, or what is seen there. */
export type Files = Readonly<Record<string, string | Sighting | undefined>>;

/** A token that says something of itself; times are seconds. */
export function token(claims: Readonly<Record<string, unknown>>, secret = "SECRET"): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  return `${part({ alg: "none" })}.${part(claims)}.${secret}`;
}

/** An access token of 900 s, of which 600 s are left. */
export const ACCESS = token({
  user_id: "user-4711",
  scope: "kimi-code",
  region: "cn",
  iat: NOW / 1000 - 300,
  exp: NOW / 1000 + 600,
});

/** The login in auth.json. */
export const ENTRY = {
  type: "oauth",
  access: ACCESS,
  refresh: "SECRET-refresh",
  expires: NOW + 600_000,
};

/** auth.json with another entry for Kimi, beside that of another provider. */
export function auth(entry: unknown): string {
  return JSON.stringify({
    other: { type: "api", key: "SECRET-other" },
    "kimi-for-coding-oauth": entry,
  });
}

/** A file, as it is seen. */
export function file(text: string, mode = 0o600, modified = NOW): SeenFile {
  return { state: "file", text, isUtf8: true, mode, modified };
}

/** A folder, as it is seen. */
export function folder(names: readonly string[], mode = 0o700, modified = NOW): Sighting {
  return { state: "folder", names, mode, modified };
}

/** A machine with nothing wrong. */
export const HEALTHY: Files = {
  [AUTH]: auth(ENTRY),
  [CONFIG]: '{ "plugin": ["opencode-kimi-full", "other-plugin"] }',
  [INSTALLED]: JSON.stringify({ version: VERSION }),
  [`${HOME}/.config/opencode/package.json`]: '{"dependencies":{"@opencode-ai/plugin":"1.18.33"}}',
  [`${HOME}/.kimi`]: folder(["device_id"]),
  [DEVICE_ID]: "0123456789abcdef0123456789abcdef",
  [`${PROJECT}/.git`]: folder([]),
};

/** What differs from a healthy machine. */
export interface Given {
  /** Files that differ; undefined takes one away. */
  readonly files?: Files;
  /** Variables that are set. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Parts of the reach that differ. */
  readonly reach?: Partial<Reach>;
}

/** Looks at a machine, and draws the conclusions. */
export async function examined(
  { files = {}, variables = {}, reach = {} }: Given = {},
): Promise<Examination> {
  const all: Files = { ...HEALTHY, ...files };
  const look = (path: string): Promise<Sighting> => {
    const found = all[path];
    if (typeof found === "string") return Promise.resolve(file(found));
    return Promise.resolve(found ?? { state: "missing" });
  };
  const device = {
    node: "annes-laptop",
    system: "Linux",
    release: "6.1",
    machine: "x86_64",
    version: "#1 SMP",
  };
  return examine(
    await lookAtMachine({
      variable: (name) => variables[name],
      home: () => HOME,
      directory: PROJECT,
      platform: "linux",
      look,
      deviceFacts: () => Promise.resolve(device),
      now: () => NOW,
      ...reach,
    }),
  );
}

/** What doctor tells. */
export async function reported(
  given: Given = {},
  { online, full = false, request = false }: {
    readonly online?: Online;
    readonly full?: boolean;
    readonly request?: boolean;
  } = {},
): Promise<DoctorReport> {
  return doctorReport(await examined(given), online, { full, request, runtime: "Test 1" });
}

/** The problems that doctor finds. */
export async function problems(given: Given = {}, online?: Online): Promise<readonly Finding[]> {
  const { findings } = await reported(given, online === undefined ? {} : { online });
  return findings.filter(({ severity }) => severity === "problem");
}

/** The plugin, and its provider. */
export const PLUGIN = "opencode-kimi-full";
export const PROVIDER = "kimi-for-coding-oauth";

/** A configuration beside the plugin's line. */
export function config(more: object): Given {
  return { files: { [CONFIG]: JSON.stringify({ plugin: [PLUGIN], ...more }) } };
}

/** A configuration with an entry of the provider. */
export function provider(entry: object): Given {
  return config({ provider: { [PROVIDER]: entry } });
}
