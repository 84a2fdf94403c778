/** The report: headers and their sources, masking, and each form of output. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formatBlock, formatReport } from "../../../lib/cli/doctor/report/text.ts";
import type { Online } from "../../../lib/cli/doctor/online.ts";
import { parseModels } from "../../../lib/kimi/models/response.ts";
import { OTHER_PLUGINS } from "../../../lib/cli/doctor/collect/plugins.ts";
import { PROVIDER_IDS } from "../../../lib/cli/doctor/checks/provider.ts";
import type { Stream } from "../../../lib/cli/shared/terminal.ts";
import { KIMI_CLI_VERSION, VERSION } from "../../../lib/kimi/identity/constants.ts";
import { deviationsOf } from "../../../lib/kimi/deviations.ts";
import { fromAuthEntry, toAuthEntry } from "../../../lib/client/tokens/credential.ts";
import {
  ACCESS,
  AUTH,
  auth,
  CONFIG,
  DEVICE_ID,
  ENTRY,
  type Given,
  HOME,
  PROJECT,
  reported,
} from "./fixtures.ts";

const TERMINAL: Stream = { write() {}, isTerminal: true, columns: 80, hasColour: false };

const ONLINE: Online = {
  oauth: { state: "reached", status: 200 },
  api: { state: "reached", status: 200 },
  models: parseModels({
    data: [
      {
        id: "kimi-for-coding",
        display_name: "Kimi For Coding",
        context_length: 262144,
        supports_thinking_type: "both",
        think_efforts: { valid_efforts: ["low", "high"] },
      },
      { id: "claude-like", protocol: "anthropic" },
    ],
  }),
  clockAhead: 400,
};

/** Joins the lines of a text. */
function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** Everything in the fixtures that identifies somebody or is secret. */
const PRIVATE = /\bann\b|annes-laptop|secret\b|user-4711|456789abcdef|SECRET|other-plugin/;

Deno.test("no form of the report contains private data without --full", async () => {
  const given: Given = {
    files: {
      [`${PROJECT}/opencode.json`]: "{",
      [`${PROJECT}/opencode.jsonc`]:
        '{"plugin":["opencode-kimi-full@git+https://ann:SECRET@github.com/x"]}',
    },
    variables: { KIMI_CODE_BASE_URL: "https://ann:SECRET@api.kimi.com/coding/v1" },
  };
  const report = await reported(given, { online: ONLINE, request: true });
  for (
    const form of [JSON.stringify(report), formatReport(report, TERMINAL), formatBlock(report)]
  ) {
    assertEquals(PRIVATE.exec(form)?.[0], undefined, form);
    assert(!form.includes(ENTRY.refresh) && !form.includes(ACCESS));
  }
});

Deno.test("--full shows device id, host name, paths and account ids, but no tokens", async () => {
  const report = await reported({}, { online: ONLINE, request: true, full: true });
  const shown = JSON.stringify(report);
  for (const text of ["0123456789abcdef0123456789abcdef", "annes-laptop", "user-4711", HOME]) {
    assertStringIncludes(shown, text);
  }
  assertEquals(/SECRET/.test(shown), false);
});

Deno.test("each header names its source, and an unknown value is null", async () => {
  const { headers } = await reported();
  assertEquals(headers.map(({ name, value, source }) => [name, value, source]), [
    ["User-Agent", `KimiCLI/${KIMI_CLI_VERSION}`, "pinned release of kimi-cli"],
    ["X-Msh-Platform", "kimi_cli", "fixed"],
    ["X-Msh-Version", KIMI_CLI_VERSION, "pinned release of kimi-cli"],
    ["X-Msh-Device-Name", "[host name]", "host name"],
    ["X-Msh-Device-Model", "Linux 6.1 x86_64", "system, release, machine"],
    ["X-Msh-Os-Version", "#1 SMP", "the kernel's version"],
    ["X-Msh-Device-Id", "012345…", "~/.kimi/device_id"],
  ]);
  const none = await reported({ files: { [DEVICE_ID]: undefined } });
  assertEquals(none.headers.at(-1), {
    name: "X-Msh-Device-Id",
    value: null,
    source: "the first request creates it in ~/.kimi/device_id",
  });
});

Deno.test("the option client decides which headers are sent", async () => {
  const text = '{"plugin":[["opencode-kimi-full",{"client":"opencode"}]]}';
  const { headers, client } = await reported({ files: { [CONFIG]: text } });
  assertEquals(client, "opencode");
  assertEquals(headers.map(({ name, value }) => [name, value]), [
    ["User-Agent", `opencode-kimi-full/${VERSION}`],
  ]);
});

Deno.test("each host names the variable, option or login that set it", async () => {
  const hosts = async (given: Given) => (await reported(given)).hosts.map(({ source }) => source);
  assertEquals(await hosts({}), ["default", "default"]);
  assertEquals(await hosts({ variables: { KIMI_OAUTH_HOST: "https://x.kimi.com" } }), [
    "KIMI_OAUTH_HOST",
    "default",
  ]);
  const both = {
    KIMI_CODE_OAUTH_HOST: "https://a.kimi.com",
    KIMI_OAUTH_HOST: "https://b.kimi.com",
  };
  const variables = { ...both, KIMI_CODE_BASE_URL: "https://api.kimi.com/coding/v1" };
  assertEquals(await hosts({ variables }), ["KIMI_CODE_OAUTH_HOST", "KIMI_CODE_BASE_URL"]);
  const login = fromAuthEntry({
    ...ENTRY,
    enterpriseUrl: "https://auth.kimi.ai https://api.kimi.ai/coding/v1",
  });
  assert(login !== undefined);
  assertEquals(await hosts({ files: { [AUTH]: auth(toAuthEntry(login)) } }), [
    "stored with the login",
    "stored with the login",
  ]);
});

Deno.test("the report shows times and open claims of the login", async () => {
  const { login } = await reported();
  assertEquals(login, {
    source: "~/.local/share/opencode/auth.json",
    state: "present",
    region: "com",
    accessExpiresIn: 600,
    loginExpiresIn: 30 * 86_400 - 300,
    refreshAge: 300,
    claims: { scope: "kimi-code", region: "cn" },
    lock: "free",
  });
});

Deno.test("--json has the shape that docs/commands.md describes", async () => {
  const report = await reported({}, { online: ONLINE, request: true });
  const keys = (value: object) => Object.keys(value).join(" ");
  assertEquals(
    keys(report),
    "version runtime kimiCli client clientSource headers clients installedClients hosts variables login opencode " +
      "online request deviations notLookedAt findings",
  );
  assertEquals(
    keys(report.login),
    "source state region accessExpiresIn loginExpiresIn refreshAge claims lock",
  );
  assertEquals(
    keys(report.opencode),
    "version installed logins configuration plugins otherPlugins hasProviderEntry",
  );
  assertEquals(keys(report.online ?? {}), "oauth api clockAhead models");
  assertEquals(keys(report.request ?? {}), "method url headers body");
  assertEquals(JSON.parse(JSON.stringify(report)), report, "JSON keeps every member");
  const page = await Deno.readTextFile(new URL("../../../docs/commands.md", import.meta.url));
  const told = [report, report.login, report.opencode, report.online ?? {}].flatMap(Object.keys);
  assertEquals(told.filter((key) => !page.includes(`\`${key}\``)), []);
});

Deno.test("docs/alternatives.md has each provider id with its meaning, and each other plugin", async () => {
  const page = await Deno.readTextFile(new URL("../../../docs/alternatives.md", import.meta.url));
  const told = [
    ...PROVIDER_IDS.flatMap(({ id, meaning }) => [`\`${id}\``, meaning]),
    ...Object.keys(OTHER_PLUGINS).map((name) => `\`${name}\``),
  ];
  assertEquals(told.filter((text) => !page.includes(text)), []);
});

Deno.test("the report names a model of another protocol as not offered", async () => {
  const { online } = await reported({}, { online: ONLINE });
  assertEquals(online?.models?.map(({ id, protocol }) => [id, protocol]), [
    ["kimi-for-coding", undefined],
    ["claude-like", "anthropic"],
  ]);
  const text = flat(formatReport(await reported({}, { online: ONLINE }), TERMINAL));
  assertStringIncludes(text, 'claude-like: not offered, because it uses the protocol "anthropic"');
  assertStringIncludes(text, "efforts low, high");
});

Deno.test("the text fits into 80 columns except for fixes, which a user may copy", async () => {
  const report = await reported({ files: { [AUTH]: undefined, [CONFIG]: "{}" } }, {
    online: ONLINE,
  });
  const text = formatReport(report, TERMINAL);
  const long = text.split("\n").filter((line) => line.length > 80 && !/^ +fix: /.test(line));
  assertEquals(long, []);
  for (const { what } of deviationsOf("kimi-cli")) assertStringIncludes(flat(text), what);
  for (const { what, fix } of report.findings) {
    assertStringIncludes(flat(text), what);
    assertStringIncludes(flat(text), `fix: ${fix}`);
  }
});

Deno.test("in a pipe each finding is one line", async () => {
  const pipe = { ...TERMINAL, isTerminal: false };
  const report = await reported({ files: { [AUTH]: undefined } });
  assertMatch(
    formatReport(report, pipe),
    /\n {2}not-logged-in: there is no login: [^\n]+\n {4}fix: [^\n]+\n/,
  );
  assertMatch(formatReport(await reported(), pipe), /\nNo problems found\n$/);
});

Deno.test("--report prints one block of Markdown without the intended differences", async () => {
  const block = formatBlock(await reported({ files: { [AUTH]: "{}" } }));
  assertMatch(block, /^```text\nopencode-kimi-full [\s\S]+\n```\n$/);
  assertEquals(block.match(/```/g)?.length, 2);
  assertEquals(block.includes("Intended differences"), false);
  assertStringIncludes(block, "not-logged-in");
});
