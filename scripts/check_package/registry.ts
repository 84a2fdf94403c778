/** A registry of npm's kind on this machine, with our package only. */

import { join } from "@std/path";
import { NPM } from "../../tests/support/process.ts";
import { installTool } from "../../tests/support/tools.ts";
import { freshEnvironment, run } from "../shared/run.ts";
import type { Package } from "./package.ts";

/** The last release that runs on Node 20. */
const VERDACCIO = "6.7.4";

/** It depends on `node-fetch@cjs`: a tag, which moves, and which not every mirror has. */
const OVERRIDES = { "node-fetch": "2.7.0" };

const SERVER = `
import { runServer } from "verdaccio";
const app = await runServer(process.argv[1]);
const server = app.listen(0, "127.0.0.1", () => console.log("port " + server.address().port));
`;

/** A running registry. */
export interface Registry extends AsyncDisposable {
  /** Makes a home folder whose `.npmrc` names the registry. */
  readonly makeHome: () => Promise<string>;
  /** Writes that `.npmrc` into a folder. */
  readonly writeSettings: (folder: string) => Promise<void>;
}

/** Starts a registry on a free port, and publishes the package to it. */
export async function openRegistry({ work, tarball }: Package): Promise<Registry> {
  const cwd = await installTool(`verdaccio@${VERDACCIO}`, { overrides: OVERRIDES });
  const folder = await Deno.makeTempDir({ dir: work, prefix: "registry-" });
  const config = join(folder, "config.json");
  await Deno.writeTextFile(config, JSON.stringify(configuration(folder)));
  const child = new Deno.Command("node", {
    args: ["--input-type=module", "--eval", SERVER, config],
    ...{ cwd, env: freshEnvironment(folder), clearEnv: true },
    ...{ stdin: "null", stdout: "piped", stderr: "null" },
  }).spawn();
  await using started = new AsyncDisposableStack();
  const output = child.stdout.pipeThrough(new TextDecoderStream());
  started.defer(async () => {
    child.kill();
    await child.status;
    await output.cancel();
  });
  const host = `//127.0.0.1:${await portOf(output)}/`;
  const writeSettings = (home: string) =>
    Deno.writeTextFile(join(home, ".npmrc"), `registry=http:${host}\n${host}:_authToken=any\n`);
  const makeHome = async () => {
    const home = await Deno.makeTempDir({ dir: work, prefix: "home-" });
    await writeSettings(home);
    return home;
  };
  const env = freshEnvironment(await makeHome());
  await run(NPM, ["publish", "--loglevel=error", tarball], { cwd: folder, env });
  const running = started.move();
  return { makeHome, writeSettings, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Anybody may publish, and no other registry is asked. */
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
  for await (const part of output.values({ preventCancel: true })) {
    text += part;
    const port = Number(/^port (\d+)$/m.exec(text)?.[1]);
    if (port > 0) return port;
  }
  throw new Error(`The registry did not start: ${text}`);
}
