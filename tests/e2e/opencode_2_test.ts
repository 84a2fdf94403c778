/**
 * The main job on a real opencode 2.x, which cannot be installed from npm: it runs if `OPENCODE2_BIN`
 * names a program. Commands and options are those of upstream's `packages/cli` (0720c006, 079a89bd).
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { type FakeKimi, startFakeKimi } from "../support/fake/kimi.ts";
import { environment, MODEL } from "../support/opencode/opencode.ts";
import { chatsOf, headerFaults, keyFaults } from "../support/opencode/wire.ts";
import { builtPackage } from "../support/package.ts";
import { type Outcome, runProcess } from "../support/process.ts";

const program = Deno.env.get("OPENCODE2_BIN");

const ID = "kimi-for-coding-oauth";

/** With spaces that opencode does not write. */
const ECHO = '{"command": "echo hi", "description": "Print hi"}';

const CLIP = new TextEncoder().encode("\0\0\0\x18ftypisom\0\0\0\0isommp42 a clip");

interface Program extends AsyncDisposable {
  readonly home: string;
  /** Runs a command in a service of its own, which has this environment. */
  readonly run: (...args: readonly string[]) => Promise<Outcome>;
}

async function open(bin: string, plugin: string, kimi: FakeKimi): Promise<Program> {
  const home = await Deno.makeTempDir({ prefix: "opencode2-e2e-" });
  const config = join(home, ".config", "opencode");
  for (const folder of [config, join(home, "project"), join(home, "tmp")]) {
    await Deno.mkdir(folder, { recursive: true });
  }
  const text = JSON.stringify({ plugins: [{ package: plugin, options: { tools: true } }] });
  await Deno.writeTextFile(join(config, "opencode.json"), text);
  await Deno.writeFile(join(home, "project", "clip.mp4"), CLIP);
  const env = { ...environment(home, { kimi }), OPENCODE_TEST_HOME: home };
  return {
    home,
    async run(...args) {
      const options = { args: [...args, "--standalone"], env, cwd: join(home, "project") };
      const outcome = await runProcess(bin, { ...options, timeout: 120_000 });
      const said = `${outcome.stdout}\n${outcome.stderr}`;
      assertEquals(outcome.code, 0, `opencode ${args.join(" ")}\n${said}`);
      return outcome;
    },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

const reason = program === undefined ? " (skipped: OPENCODE2_BIN names no program)" : "";

Deno.test({
  name:
    `opencode 2.x: login, chat with tools, a video, refresh and a 401 on the program itself${reason}`,
  ignore: program === undefined,
  async fn() {
    await using built = await builtPackage();
    // A row with less than five minutes left is refreshed before the next question.
    await using kimi = await startFakeKimi({ deviceInterval: 1, tokenLifetime: 240 });
    await using opencode = await open(program ?? "", join(built.dir, "dist"), kimi);
    const { stdout: plugins } = await opencode.run("plugin", "list");
    assert(/opencode-kimi-full/.test(plugins) && !/failed/i.test(plugins), plugins);

    await opencode.run("auth", "login", ID, "--method", "oauth");
    const listed = (await opencode.run("models", ID)).stdout.split("\n").map((line) => line.trim());
    assert(listed.includes(MODEL), listed.join("\n"));

    kimi.settings.tokenLifetime = 900;
    kimi.settings.answers.push({ toolCalls: [{ name: "bash", arguments: ECHO }] });
    const ask = (message: string, ...more: readonly string[]) =>
      opencode.run(
        "run",
        message,
        "--model",
        `${MODEL}#high`,
        "--format",
        "json",
        "--auto",
        ...more,
      );
    const { stdout: answer } = await ask("What does `echo hi` print?");
    assert(answer.includes("The tool said: "), answer);
    assertEquals([kimi.refreshes, kimi.revokedChains], [1, 0], "the row was due");

    kimi.expireAccessTokens();
    kimi.forgetRequests();
    const { stdout: second } = await ask("Thank you", "--continue");
    assert(second.includes("Hello from the fake Kimi."), second);
    assertEquals([kimi.refreshes, kimi.revokedChains], [2, 0], "Kimi refused the token");
    const chats = chatsOf(kimi.requests);
    assertEquals(chats.map(({ status }) => status).filter((status) => status !== 200), [401]);
    assertEquals([...chats.flatMap(keyFaults), ...kimi.requests.flatMap(headerFaults)], []);

    assert(chats.at(-1)?.body.includes(JSON.stringify(ECHO)), "arguments go back as they came");

    kimi.settings.answers.push({
      toolCalls: [{ name: "kimi_search", arguments: '{"query":"kimi"}' }],
    });
    await ask("What is Kimi?", "--continue");
    assertEquals(kimi.requests.filter(({ path }) => path.endsWith("/search")).length, 1);
    await ask("What happens here?", "--continue", "--file", "clip.mp4");
    const { body = "" } = chatsOf(kimi.requests).at(-1) ?? {};
    assert(/"video_url":\{"url":"ms:/.test(body), body);

    const auth = join(opencode.home, ".local/share/opencode/auth.json");
    const { mode } = await Deno.stat(auth);
    assertEquals((mode ?? 0) & 0o777, 0o600);
  },
});
