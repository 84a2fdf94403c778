/** A machine in memory for doctor to read; it is healthy unless a test changes it. */

import { assertEquals, assertMatch } from "@std/assert";
import { buildReport } from "../../../lib/cli/doctor/report/build.ts";
import { type DoctorReport, redact } from "../../../lib/cli/doctor/report/redact.ts";
import { diagnose, type Diagnosis } from "../../../lib/cli/doctor/diagnosis.ts";
import type { Finding } from "../../../lib/cli/doctor/checks/finding.ts";
import { type DoctorDeps, readMachine } from "../../../lib/cli/doctor/collect/machine.ts";
import type { Online } from "../../../lib/cli/doctor/online.ts";
import type { PathState } from "../../../lib/cli/doctor/collect/path_state.ts";
import type { Stream } from "../../../lib/cli/shared/terminal.ts";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";

/** The time of every test. */
export const NOW = Date.UTC(2030, 0, 1, 12);

export const HOME = "/home/ann";
export const PROJECT = "/home/ann/secret";
export const CONFIG = `${HOME}/.config/opencode/opencode.json`;
export const AUTH = `${HOME}/.local/share/opencode/auth.json`;
export const LOCK = `${HOME}/.local/share/opencode/kimi-for-coding-oauth.lock`;
export const DEVICE_ID = `${HOME}/.kimi/device_id`;
export const INSTALLED = `${HOME}/.cache/opencode/packages/opencode-kimi-full@latest/` +
  "node_modules/opencode-kimi-full/package.json";

/** The text of a file, or another state of a path; undefined for a path that is missing. */
export type Files = Readonly<Record<string, string | PathState | undefined>>;

/** A token with claims; times are in seconds. */
export function token(claims: Readonly<Record<string, unknown>>, secret = "SECRET"): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  return `${part({ alg: "none" })}.${part(claims)}.${secret}`;
}

/** An access token with a lifetime of 900 s, of which 600 s are left. */
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

/** An auth.json with the given entry for Kimi and one for another provider. */
export function auth(entry: unknown): string {
  return JSON.stringify({
    other: { type: "api", key: "SECRET-other" },
    "kimi-for-coding-oauth": entry,
  });
}

/** The state of a file. */
export function file(text: string, mode = 0o600, modified = NOW): PathState {
  return { state: "file", text, mode, modified };
}

/** The state of a folder. */
export function folder(names: readonly string[], mode = 0o700, modified = NOW): PathState {
  return { state: "folder", names, mode, modified };
}

/** A machine without problems. */
export const HEALTHY: Files = {
  [AUTH]: auth(ENTRY),
  [CONFIG]: '{ "plugin": ["opencode-kimi-full", "other-plugin"] }',
  [INSTALLED]: JSON.stringify({ version: VERSION }),
  [`${HOME}/.config/opencode/package.json`]: '{"dependencies":{"@opencode-ai/plugin":"1.18.33"}}',
  [`${HOME}/.kimi`]: folder(["device_id"]),
  [DEVICE_ID]: "0123456789abcdef0123456789abcdef",
  [`${PROJECT}/.git`]: folder([]),
};

/** The differences from a healthy machine. */
export interface Given {
  /** Files that differ; undefined removes one. */
  readonly files?: Files;
  /** Variables that are set. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Other parts of the machine that differ. */
  readonly deps?: Partial<DoctorDeps>;
}

/** Reads a machine and diagnoses it. */
export async function diagnosed(
  { files = {}, variables = {}, deps = {} }: Given = {},
): Promise<Diagnosis> {
  const all: Files = { ...HEALTHY, ...files };
  const readPath = (path: string): Promise<PathState> => {
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
  return diagnose(
    await readMachine({
      variable: (name) => variables[name],
      home: () => HOME,
      directory: PROJECT,
      platform: "linux",
      versions: {},
      findPrograms: () => Promise.resolve([]),
      credentialRows: () => Promise.resolve({ state: "read", rows: [] }),
      canWrite: () => Promise.resolve(true),
      readPath,
      deviceFacts: () => Promise.resolve(device),
      now: () => NOW,
      fetch: () => Promise.reject(new Error("nothing is sent")),
      lookup: () => Promise.reject(new Error("nothing is looked up")),
      ...deps,
    }),
  );
}

/** A pipe, which nobody reads. */
export const PIPE: Stream = { write() {}, isTerminal: false, columns: 80, hasColour: false };

/** The report of doctor. */
export async function reported(
  given: Given = {},
  { online, full = false, request = false }: {
    readonly online?: Online;
    readonly full?: boolean;
    readonly request?: boolean;
  } = {},
): Promise<DoctorReport> {
  const context = { ...await diagnosed(given), online };
  const report = buildReport(context, { request, runtime: "Test 1" });
  return full ? report : redact(report, context);
}

/** The problems that doctor finds. */
export async function problems(given: Given = {}, online?: Online): Promise<readonly Finding[]> {
  const { findings } = await reported(given, online === undefined ? {} : { online });
  return findings.filter(({ severity }) => severity === "problem");
}

/** A mistake, the finding that names it, such as `auth-mode` or `note effort`, its text and its fix. */
export type Row = readonly [
  name: string,
  given: Given,
  finding: string,
  what: RegExp,
  fix: string | RegExp,
];

/** Tests that doctor finds each mistake and nothing else, and that no finding has a token. */
export function testFindings(rows: readonly Row[], where = ""): void {
  for (const [name, given, finding, what, fix] of rows) {
    Deno.test(`doctor finds ${name}${where}, and nothing else`, async () => {
      const { findings: [found, ...others] } = await reported(given);
      assertEquals(others, []);
      const isNote = finding.startsWith("note ");
      assertEquals([found?.id, found?.severity], [
        finding.replace("note ", ""),
        isNote ? "note" : "problem",
      ]);
      assertMatch(found?.what ?? "", what);
      if (typeof fix === "string") assertEquals(found?.fix, fix);
      else assertMatch(found?.fix ?? "", fix);
      assertMatch(found?.fix ?? "", isNote ? /^[^\n]*$/ : /^[^\n]+$/);
      assertEquals(/SECRET/.test(JSON.stringify(found)), false);
    });
  }
}

/** The plugin, and its provider. */
export const PLUGIN = "opencode-kimi-full";
export const PROVIDER = "kimi-for-coding-oauth";

/** A configuration that also lists the plugin. */
export function config(more: object): Given {
  return { files: { [CONFIG]: JSON.stringify({ plugin: [PLUGIN], ...more }) } };
}

/** A configuration with an entry for the provider. */
export function provider(entry: object): Given {
  return config({ provider: { [PROVIDER]: entry } });
}
