/**
 * A registry of npm's kind on this machine, which knows our package alone.
 *
 * @module
 */
import { join } from "@std/path";
import { NPM } from "../../tests/support/process.ts";
import { installTool } from "../../tests/support/tools.ts";
import { freshEnvironment, run } from "../shared/run.ts";
import type { Subject } from "./subject.ts";

/** The last release that runs on Node 20. */
const VERDACCIO = "6.7.4";

/** It asks for `node-fetch@cjs`: a tag, which moves, and which not every mirror has. */
const OVERRIDES = { "node-fetch": "2.7.0" };

const SERVER = `
import { runServer } from "verdaccio";
const app = await runServer(process.argv[1]);
const server = app.listen(0, "127.0.0.1", () => console.log("port " + server.address().port));
`;

/** A running registry. It ends when it is disposed. */
export interface Registry extends AsyncDisposable {
  /** Makes a home folder whose `.npmrc` names it. */
  readonly makeHome: () => Promise<string>;
  /** Writes that `.npmrc` into a folder. */
  readonly writeSettings: (folder: string) => Promise<void>;
}

/** Starts a registry on a free port, and publishes the package to it. */
export async function openRegistry({ work, tarball }: Subject): Promise<Registry> {
  const cwd = await installTool(`verdaccio@${VERDACCIO}`, { overrides: OVERRIDES });
  const folder = await Deno.makeTempDir({ dir: work, prefix: "registry-" });
  const config = join(folder, "config.json");
  await Deno.writeTextFile(config, JSON.stringify(configuration(folder)));
  const child = new Deno.Command("node", {
    args: ["--input-type=module", "--eval", SERVER, config],
    cwd,
    env: freshEnvironment(folder),
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream());
  const stop = async () => {
    child.kill();
    await child.status;
    await output.cancel();
  };
  try {
    const port = await portOf(output);
    const writeSettings = async (home: string) => {
      const settings = `registry=http://127.0.0.1:${port}/\n//127.0.0.1:${port}/:_authToken=any\n`;
      await Deno.writeTextFile(join(home, ".npmrc"), settings);
    };
    const makeHome = async () => {
      const home = await Deno.makeTempDir({ dir: work, prefix: "home-" });
      await writeSettings(home);
      return home;
    };
    const env = freshEnvironment(await makeHome());
    await run(NPM, ["publish", "--loglevel=error", tarball], { cwd: folder, env });
    return { makeHome, writeSettings, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Anybody may publish, and what it has not is not asked for elsewhere. */
function configuration(folder: string): Readonly<Record<string, unknown>> {
  return {
    storage: join(folder, "storage"),
    uplinks: {},
    packages: { "**": { access: "$all", publish: "$all" } },
    log: { type: "stdout", format: "json", level: "warn" },
  };
}

async function portOf(output: ReadableStream<string>): Promise<number> {
  let text = "";
  const reader = output.getReader();
  for (;;) {
    const { done, value = "" } = await reader.read();
    text += value;
    const port = Number(/^port (\d+)$/m.exec(text)?.[1]);
    if (port > 0) {
      reader.releaseLock();
      return port;
    }
    if (done) throw new Error(`The registry did not start: ${text}`);
  }
}
