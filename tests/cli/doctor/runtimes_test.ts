/** `doctor` under Node and Bun, and its seven headers compared with those of the real kimi-cli. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import {
  findPython,
  installKimiCli,
  kimiEnvironment,
  NO_PYTHON,
} from "../../support/clients/kimi_cli.ts";
import { runProcess } from "../../support/process.ts";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { doctorJson, healthyHome, IN_HOME } from "./process.ts";

for (const runtime of ["Node", "Bun"] as const) {
  Deno.test(`doctor reports the same under ${runtime} as under Deno`, async () => {
    await using fake = await startFakeKimi();
    await using home = await healthyHome(fake);
    await home.write(IN_HOME.installed, '{"version":"0.0.1"}');
    await home.write(`${IN_HOME.project}/opencode.json`, "{");
    const report = async (runtime: "Deno" | "Node" | "Bun") => {
      const args = ["--online", "--request"];
      const { code, report } = await doctorJson(args, { home, kimi: fake, runtime });
      const { runtime: name, login, online, ...rest } = report;
      assertMatch(name, new RegExp(`^${runtime} \\d`));
      // These two contain times.
      return { code, state: login.state, models: online?.models, api: online?.api, ...rest };
    };
    assertEquals(await report(runtime), await report("Deno"));
  });

  Deno.test(`doctor distinguishes unknown names, closed ports and portals under ${runtime}`, async () => {
    await using fake = await startFakeKimi();
    await using home = await healthyHome(fake);
    const ids = async (env: Readonly<Record<string, string>> = {}) => {
      const { report } = await doctorJson(["--online"], { home, kimi: fake, runtime, env });
      return report.findings.map(({ id }) => id);
    };
    const nowhere = "https://no-such-host.invalid";
    const names = await ids({ KIMI_CODE_OAUTH_HOST: nowhere });
    // Without a name server, an unknown name looks like a missing network.
    assertMatch(names.join(), /^host-untrusted,oauth-(?:dns|offline)$/);
    const body = "<html>Log in</html>";
    const page = { status: 200, headers: { "Content-Type": "text/html" }, body };
    fake.settings.faults = [{ times: 2, answer: page }];
    assertEquals(await ids(), ["oauth-portal", "api-portal"]);
    await fake.close();
    assertEquals(await ids(), ["oauth-refused", "api-refused"]);
  });
}

/** Prints the headers with kimi-cli's own functions. */
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
