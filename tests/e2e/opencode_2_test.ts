/**
 * The main job on a real opencode 2.x, of which `OPENCODE2_BIN` is the path; skipped without that variable.
 * It has never been run where this project is built.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { environmentOf } from "../cli/process.ts";
import { startFakeKimi } from "../support/fake/kimi.ts";
import { headerFaults } from "../support/opencode/wire.ts";
import { builtPackage } from "../support/package.ts";
import { runProcess } from "../support/process.ts";

const program = Deno.env.get("OPENCODE2_BIN") ?? "";
const ID = "kimi-for-coding-oauth";

/** Less than opencode's five minutes: each question refreshes. */
const LIFETIME_SECONDS = 200;

Deno.test({
  name: "opencode 2.x: login, chat, tool call and refresh",
  ignore: program === "",
  async fn() {
    await using kimi = await startFakeKimi({ deviceInterval: 1, tokenLifetime: LIFETIME_SECONDS });
    await using built = await builtPackage();
    const home = await Deno.makeTempDir({ prefix: "kimi-opencode-2-" });
    const [config, project] = [join(home, ".config/opencode"), join(home, "project")];
    const opencode = async (...args: readonly string[]) => {
      const options = { cwd: project, env: environmentOf({ home: { path: home }, kimi }) };
      const all = [...args, "--standalone"];
      const { code, stdout, stderr } = await runProcess(program, {
        ...options,
        args: all,
        timeout: 120_000,
      });
      assertEquals(code, 0, `${all.join(" ")}\n${stdout}\n${stderr}`);
      return stdout;
    };
    try {
      await Deno.mkdir(config, { recursive: true });
      await Deno.mkdir(project);
      await Deno.writeTextFile(join(project, "a.txt"), "hello file\n");
      const plugins = [join(built.dir, "dist")];
      await Deno.writeTextFile(join(config, "opencode.json"), JSON.stringify({ plugins }));
      await opencode("auth", "login", ID, "--method", "oauth");
      assertMatch(await opencode("models", ID), new RegExp(`${ID}/kimi-for-coding`));
      const ask = (text: string) =>
        opencode("run", "--auto", "--model", `${ID}/kimi-for-coding#high`, text);
      assertMatch(await ask("Hello"), /Hello from the fake Kimi/);
      await ask('[[call:read {"path":"a.txt"}]]');
      const chats = kimi.requestsOf("chat");
      assertEquals(chats.filter(({ status }) => status !== 200), []);
      assertMatch(chats.map(({ body }) => body).join("\n"), /"role":"tool".*hello file/);
      assertEquals(kimi.requests.flatMap(headerFaults), []);
      assertEquals([kimi.refreshes > 0, kimi.revokedChains], [true, 0]);
      const auth = await Deno.readTextFile(join(home, ".local/share/opencode/auth.json"));
      assertEquals(typeof JSON.parse(auth)[ID].refresh, "string");
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
