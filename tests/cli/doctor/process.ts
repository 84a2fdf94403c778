/** Runs doctor in a process of its own, in the project folder of a home on the disk. */

import { fromFileUrl, join } from "@std/path";
import { doctor } from "../../../lib/cli/doctor/doctor.ts";
import type { DoctorReport } from "../../../lib/cli/doctor/report/redact.ts";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import { type Outcome, runProcess } from "../../support/process.ts";
import { bunProgram } from "../../support/tools.ts";
import type { FakeKimi } from "../../support/fake/kimi.ts";
import { environmentOf, type Home, makeHome, type RunOptions, smallestFlags } from "../process.ts";
import { buildProgram } from "../program.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));

/** Paths in the home. */
export const IN_HOME = {
  auth: ".local/share/opencode/auth.json",
  lock: ".local/share/opencode/kimi-for-coding-oauth.lock",
  config: ".config/opencode/opencode.json",
  opencode: ".config/opencode/package.json",
  installed: ".cache/opencode/packages/opencode-kimi-full@latest/node_modules/" +
    "opencode-kimi-full/package.json",
  deviceId: ".kimi/device_id",
  project: "project",
} as const;

/** Makes a home with nothing wrong: logged in to a fake, and with the plugin installed. */
export async function healthyHome(fake: Pick<FakeKimi, "issueTokens">): Promise<Home> {
  const home = await makeHome();
  const { access_token: access, refresh_token: refresh } = fake.issueTokens();
  const entry = { type: "oauth", access, refresh, expires: Date.now() + 900_000 };
  await home.write(IN_HOME.auth, JSON.stringify({ "kimi-for-coding-oauth": entry }));
  await home.write(IN_HOME.config, '{ "plugin": ["opencode-kimi-full"] }\n');
  await home.write(IN_HOME.opencode, '{"dependencies":{"@opencode-ai/plugin":"1.18.33"}}');
  await home.write(IN_HOME.installed, JSON.stringify({ version: VERSION }));
  await home.write(IN_HOME.deviceId, "0123456789abcdef0123456789abcdef");
  await Deno.mkdir(join(home.path, IN_HOME.project, ".git"), { recursive: true });
  if (Deno.build.os !== "windows") {
    await Deno.chmod(join(home.path, ".kimi"), 0o700);
    for (const path of [IN_HOME.auth, IN_HOME.deviceId]) {
      await Deno.chmod(join(home.path, path), 0o600);
    }
  }
  return home;
}

/** How doctor is run. */
export interface DoctorOptions extends RunOptions {
  /** The runtime; Deno, with the smallest set of flags, unless given. */
  readonly runtime?: "Deno" | "Node" | "Bun";
}

/** Runs doctor to its end. */
export async function runDoctor(args: readonly string[], options: DoctorOptions): Promise<Outcome> {
  const { home, runtime = "Deno" } = options;
  const how = {
    cwd: join(home.path, IN_HOME.project),
    env: environmentOf(options),
    timeout: 60_000,
  };
  if (runtime === "Deno") {
    const flags = options.flags ?? smallestFlags(doctor, options);
    const deno = ["run", "--quiet", "--no-prompt", "--no-config", "--no-lock", ...flags];
    const entry = join(ROOT, "lib/cli/doctor/doctor.ts");
    return await runProcess(Deno.execPath(), { ...how, args: [...deno, entry, ...args] });
  }
  const program = runtime === "Node" ? "node" : await bunProgram();
  return await runProcess(program, { ...how, args: [await programPath(), "doctor", ...args] });
}

/** What `doctor --json` says, and its exit code. */
export async function doctorJson(
  args: readonly string[],
  options: DoctorOptions,
): Promise<{ readonly code: number; readonly report: DoctorReport }> {
  const { code, stdout, stderr } = await runDoctor(["--json", ...args], options);
  if (stderr !== "") throw new Error(`doctor ended with ${code}\n${stderr}`);
  return { code, report: JSON.parse(stdout) };
}

let program: Promise<string> | undefined;

/** The path of the program of the npm package; built once. */
function programPath(): Promise<string> {
  return program ??= buildProgram().then(({ path, remove }) => {
    globalThis.addEventListener("unload", remove);
    return path;
  });
}
