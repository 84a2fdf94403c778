/** `doctor` under Node and Bun, and its seven headers beside those of the real kimi-cli. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import {
  findPython,
  installKimiCli,
  kimiEnvironment,
  NO_PYTHON,
} from "../../../scripts/parity/python.ts";
import { runProcess } from "../../support/process.ts";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { doctorJson, healthyHome, IN_HOME } from "./process.ts";

for (const runtime of ["Node", "Bun"] as const) {
  Deno.test(`under ${runtime} doctor says what it says under Deno`, async () => {
    await using fake = await startFakeKimi();
    await using home = await healthyHome(fake);
    await home.write(IN_HOME.installed, '{"version":"0.0.1"}');
    await home.write(`${IN_HOME.project}/opencode.json`, "{");
    const told = async (runtime: "Deno" | "Node" | "Bun") => {
      const args = ["--online", "--request"];
      const { code, report } = await doctorJson(args, { home, kimi: fake, runtime });
      const { runtime: name, login, online, ...rest } = report;
      assertMatch(name, new RegExp(`^${runtime} \\d`));
      // Whole seconds pass between the answers.
      return { code, state: login.state, models: online?.models, api: online?.api, ...rest };
    };
    assertEquals(await told(runtime), await told("Deno"));
  });

  Deno.test(`under ${runtime} unknown names, closed ports and portals are told apart`, async () => {
    await using fake = await startFakeKimi();
    await using home = await healthyHome(fake);
    const ids = async (env: Readonly<Record<string, string>> = {}) => {
      const { report } = await doctorJson(["--online"], { home, kimi: fake, runtime, env });
      return report.findings.map(({ id }) => id);
    };
    const nowhere = "https://no-such-host.invalid";
    const names = await ids({ KIMI_CODE_OAUTH_HOST: nowhere });
    // Where there is no name server at all, each name is a sign of being offline.
    assertMatch(names.join(), /^host-untrusted,oauth-(?:dns|offline)$/);
    const body = "<html>Log in</html>";
    const page = { status: 200, headers: { "Content-Type": "text/html" }, body };
    fake.settings.faults = [{ times: 2, answer: page }];
    assertEquals(await ids(), ["oauth-portal", "api-portal"]);
    await fake.close();
    assertEquals(await ids(), ["oauth-refused", "api-refused"]);
  });
}

/** kimi-cli's own functions, as it sends them. */
const HEADERS = "import json; from kimi_cli.auth.oauth import _common_headers; " +
  "from kimi_cli.constant import USER_AGENT; " +
  "print(json.dumps({'User-Agent': USER_AGENT, **_common_headers()}))";

const python = await findPython();

for (
  const id of ["made by kimi-cli", "", "hello world", "0f8fad5b-d9cb-469f-a165-70867728950e\n"]
) {
  const name = `doctor's seven headers equal the real kimi-cli's, device id ${JSON.stringify(id)}`;
  Deno.test({
    name: python === undefined ? `${name} (skipped: ${NO_PYTHON})` : name,
    ignore: python === undefined,
    async fn() {
      await using fake = await startFakeKimi();
      await using home = await healthyHome(fake);
      if (id.startsWith("made")) await Deno.remove(join(home.path, IN_HOME.deviceId));
      else await home.write(IN_HOME.deviceId, id);
      const kimi = await installKimiCli(python ?? "", () => {});
      const { code, stdout, stderr } = await runProcess(kimi.python, {
        args: ["-c", HEADERS],
        env: kimiEnvironment(home.path, fake),
        timeout: 60_000,
      });
      assertEquals([code, stderr], [0, ""]);
      const { report } = await doctorJson(["--full"], { home, kimi: fake });
      const ours = Object.fromEntries(report.headers.map(({ name, value }) => [name, value]));
      assertEquals(ours, JSON.parse(stdout));
      assertEquals(report.headers.length, 7);
    },
  });
}
