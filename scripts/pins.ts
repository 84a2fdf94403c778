/**
 * Asks npm and PyPI whether the pinned programs have newer releases.
 *
 * `--try` runs the parity check against each new client, and prints the rows that changed.
 * `--issue FILE` writes the text of an issue if something is new. Exits with 0 if nothing is new, with
 * 1 if something is, and with 2 if a registry could not be asked, or if the arguments are wrong.
 */
import { fromFileUrl } from "@std/path";
import { type Pin, PINS } from "./pins/pins.ts";
import { runProcess } from "../tests/support/process.ts";
import { askRelease, type Release } from "./pins/releases.ts";
import { issueOf, tableOf, type Trial } from "./pins/report.ts";
import { type Write, write } from "./shared/write.ts";

export interface PinsOptions {
  readonly args: readonly string[];
  readonly pins: readonly Pin[];
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Runs the parity check against a release. */
  readonly tryRelease: (release: Release) => Promise<Trial>;
  readonly write: Write;
}

/** Runs the command; returns its exit code. */
export async function checkPins(options: PinsOptions): Promise<number> {
  const { args, pins, fetch, tryRelease, write } = options;
  const asked = readArgs(args);
  if (asked === undefined) {
    write("Use deno task pins [--try] [--issue FILE]\n");
    return 2;
  }
  const answers = await Promise.all(
    pins.map((pin) => askRelease(pin, fetch).catch((error: Error) => error.message)),
  );
  const releases = answers.filter((answer) => typeof answer !== "string");
  write(tableOf(releases));
  const failures = answers.filter((answer) => typeof answer === "string");
  for (const failure of failures) write(`\n${failure}\n`);
  const fresh = releases.filter(({ isNew }) => isNew);
  const trials: Trial[] = [];
  if (asked.tries) {
    for (const release of fresh.filter(({ pin }) => pin.name !== "opencode")) {
      write(`\nTrying ${release.pin.name} ${release.newest}, which takes a minute\n`);
      trials.push(await tryRelease(release));
      write(trials.at(-1)?.output ?? "");
    }
  }
  if (asked.issue !== undefined && fresh.length > 0) {
    await Deno.writeTextFile(asked.issue, issueOf(releases, trials));
  }
  if (failures.length > 0) return 2;
  return fresh.length > 0 ? 1 : 0;
}

interface Asked {
  readonly tries: boolean;
  readonly issue?: string;
}

function readArgs(args: readonly string[]): Asked | undefined {
  const tries = args.includes("--try");
  const others = args.filter((arg) => arg !== "--try");
  if (others.length === 0) return { tries };
  const [name, issue, ...more] = others;
  const isRead = name === "--issue" && issue !== undefined && more.length === 0;
  return isRead ? { tries, issue } : undefined;
}

const PARITY = fromFileUrl(new URL("parity.ts", import.meta.url));

/** Milliseconds that the parity check may take, with its installations. */
const TRIAL_TIMEOUT = 900_000;

async function tryRelease(release: Release): Promise<Trial> {
  const named = ["--client", release.pin.name, "--release", release.newest];
  const args = ["run", "--allow-all", "--quiet", PARITY, ...named];
  const { code, stdout, stderr } = await runProcess(Deno.execPath(), {
    args,
    timeout: TRIAL_TIMEOUT,
  });
  return { release, code, output: stdout + stderr };
}

if (import.meta.main) {
  Deno.exit(await checkPins({ args: Deno.args, pins: PINS, fetch, tryRelease, write }));
}
