/** What each client would send, and which of Kimi's own clients are installed. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatReport } from "../../../lib/cli/doctor/report/text.ts";
import { CLIENT_NAMES } from "../../../lib/kimi/identity/constants.ts";
import { CONFIG, type Given, HOME, PIPE, problems, reported } from "./fixtures.ts";
import { asked, DATE, type Fetch, fine } from "./online_fixtures.ts";

const UUID = "df7273c2-ad4a-4036-ae22-c0841aab3e1c";

const CODE_ID = `${HOME}/.kimi-code/device_id`;

function withClient(client: string, more: Given["files"] = {}): Given {
  const files = {
    [CONFIG]: JSON.stringify({ plugin: [["opencode-kimi-full", { client }]] }),
    ...more,
  };
  return { files };
}

Deno.test("the report shows what each client would send, with the device id masked", async () => {
  const report = await reported(withClient("kimi-code", { [CODE_ID]: UUID }));
  assertEquals(report.clients.map(({ client }) => client), CLIENT_NAMES);
  assertEquals(report.clients.filter(({ isInForce }) => isInForce).map(({ client }) => client), [
    "kimi-code",
  ]);
  const id = (client: string) =>
    report.clients.find((each) => each.client === client)?.headers
      .find(({ name }) => name === "X-Msh-Device-Id");
  assertEquals([id("kimi-code")?.value, id("kimi-cli")?.value], ["df7273…", "012345…"]);
  assertEquals(id("kimi-code")?.source, "~/.kimi-code/device_id");
  assertEquals(report.headers, report.clients[1]?.headers);
  const text = formatReport(report, PIPE);
  assertMatch(text, /\n {2}client +kimi-code\n/);
  assertMatch(
    text,
    /\nWhat other clients would send\n {2}kimi-cli +User-Agent: KimiCLI\/1\.51\.0\n/,
  );
  assertMatch(text, /\n {2}opencode +User-Agent: opencode-kimi-full\//);
  assertMatch(text, /\n {2}installed here +none\n/);
  assert(!JSON.stringify(report).includes(UUID));
  assert(
    JSON.stringify(await reported(withClient("kimi-code", { [CODE_ID]: UUID }), { full: true }))
      .includes(UUID),
  );
});

Deno.test("kimi-code's device id may have dashes or be kimi-cli's, and is created if it is missing", async () => {
  const findings = async (text?: string) =>
    (await reported(withClient("kimi-code", { [CODE_ID]: text }))).findings.map(({ id }) => id);
  assertEquals(await findings(UUID), []);
  assertEquals(await findings(UUID.replaceAll("-", "")), []);
  assertEquals(await findings(), []);
  assertEquals(await findings(""), ["device-id-empty"]);
  for (const text of ["no id", UUID.replace("-", "")]) {
    assertEquals(await findings(text), ["device-id-junk"]);
  }
});

Deno.test("the report names each installed client of Kimi by what it prints", async () => {
  const said = ["kimi, version 1.51.0", "2.1.0", "kimi-cli has moved\nmore", ""];
  const kimis = said.map((said, index) => ({ path: `/p${index}/kimi`, said }));
  const report = await reported({
    deps: { findPrograms: (name) => Promise.resolve(name === "kimi" ? kimis : []) },
  });
  const lines = formatReport(report, PIPE).split("\n").filter((line) =>
    /installed here/.test(line)
  );
  assertEquals(lines.map((line) => line.replace(/ +/g, " ")), [
    " installed here kimi-cli 1.51.0 (/p0/kimi)",
    " installed here kimi-code 2.1.0 (/p1/kimi)",
    " installed here kimi-cli has moved (/p2/kimi)",
    " installed here unknown (/p3/kimi)",
  ]);
});

Deno.test("a program that Deno does not allow to run is not looked at, and not called absent", async () => {
  const deny = (name: string): never => {
    const message = `Requires run access to "${name}", run again with the --allow-run flag`;
    throw Object.assign(new Error(message), { name: "NotCapable" });
  };
  const report = await reported({
    deps: { findPrograms: (name) => Promise.resolve().then(() => deny(name)) },
  });
  assertEquals(report.installedClients, null);
  assert(!formatReport(report, PIPE).includes("installed here"));
  assertEquals(report.notLookedAt.map(({ flag }) => flag), [
    "--allow-run=opencode",
    "--allow-run=kimi",
  ]);
});

Deno.test("a refused identity leads to kimi-code first, then to opencode's own name", async () => {
  const refuse: Fetch = (input) =>
    input instanceof Request && input.method === "POST"
      ? Response.json({ error: "access_denied" }, { status: 403, headers: DATE })
      : fine(input);
  for (
    const [client, fix] of [
      [
        "kimi-cli",
        /^write into the plugin's options "client": "kimi-code" .*, or "client": "opencode"/,
      ],
      ["kimi-code", /^write into the plugin's options "client": "opencode" to send our own name$/],
      ["opencode", /^write into the plugin's options "client": "kimi-code" to send that/],
    ] as const
  ) {
    const given = withClient(client, { [CODE_ID]: UUID });
    const found = await problems(given, await asked(refuse, given));
    assertEquals(found.map(({ id }) => id), ["login-code-refused"]);
    assertMatch(found[0]?.fix ?? "", fix);
  }
});

/** The findings about a setting, with the client in force. */
async function judged(client: string, variables: Given["variables"], model: object = {}) {
  const provider = { "kimi-for-coding-oauth": { models: { "kimi-for-coding": model } } };
  const config = { plugin: [["opencode-kimi-full", { client }]], provider };
  const files = { [CONFIG]: JSON.stringify(config), [CODE_ID]: UUID };
  const { findings } = await reported({ files, ...(variables && { variables }) });
  return findings.map(({ id, severity, what }) => `${severity} ${id}: ${what}`).join("\n");
}

Deno.test("an effort and KIMI_MODEL_* are judged by what the client in force sends", async () => {
  const ultra = { options: { reasoningEffort: "ultra" } };
  assertMatch(await judged("kimi-cli", {}, ultra), /^note effort: .*: none is sent$/);
  assertMatch(await judged("kimi-code", {}, ultra), /^note effort: .*: "\w+" is sent$/);
  const effort = (value: string) => ({ KIMI_MODEL_THINKING_EFFORT: value });
  assertMatch(
    await judged("kimi-cli", effort("high")),
    /^note variable: .* has no effect: .* kimi-cli/,
  );
  assertEquals(await judged("kimi-code", effort("high")), "");
  assertMatch(
    await judged("kimi-code", effort("xhigh")),
    /^problem effort: .* is "xhigh", which is sent/,
  );
  const keep = { KIMI_MODEL_THINKING_KEEP: "off" };
  assertMatch(await judged("kimi-cli", keep), /^note variable: KIMI_MODEL_THINKING_KEEP/);
  assertEquals(await judged("kimi-code", keep), "");
});

Deno.test("the intended differences are those from the client in force", async () => {
  const ids = async (client: string) =>
    (await reported(withClient(client))).deviations.map(({ id }) => id);
  assert((await ids("kimi-cli")).includes("scope"));
  assert(!(await ids("kimi-code")).includes("scope"));
  assertEquals(await ids("opencode"), await ids("kimi-cli"));
});
