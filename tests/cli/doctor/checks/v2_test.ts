/** What doctor says about opencode 2.x: its logins, its service, and where it finds plugins. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatReport } from "../../../../lib/cli/doctor/report/text.ts";
import type { CredentialRow } from "../../../../lib/cli/doctor/collect/credential_rows.ts";
import {
  ACCESS,
  AUTH,
  CONFIG,
  ENTRY,
  folder,
  type Given,
  HOME,
  NOW,
  PIPE,
  PLUGIN,
  reported,
  type Row,
  testFindings,
  token,
} from "../fixtures.ts";

/** The login of auth.json, as opencode 2.x's database holds it. */
const ROW: CredentialRow = {
  label: "Ann",
  method: "oauth",
  isActive: true,
  expires: NOW + 600_000,
  access: ACCESS,
  refresh: ENTRY.refresh,
};

const INSTALLED = [{ path: "/usr/bin/opencode", said: "2.0.24" }];

/** A machine with opencode 2.x, and 1.x if it is installed too. */
function v2(given: Given = {}, rows: readonly CredentialRow[] = [ROW], more = INSTALLED): Given {
  return {
    ...given,
    deps: {
      findPrograms: (name) => Promise.resolve(name === "opencode" ? more : []),
      credentialRows: () => Promise.resolve({ state: "read", rows }),
      ...given.deps,
    },
  };
}

function listed(config: object, files: Given["files"] = {}): Given {
  return { files: { ...files, [CONFIG]: JSON.stringify(config) } };
}

const ID = "kimi-for-coding-oauth";
const BOTH = [...INSTALLED, { path: "/opt/opencode", said: "1.18.33" }];
const OTHER = token({ user_id: "user-2", exp: NOW / 1000 + 600 });
const NPM = `${HOME}/clone/npm`;
const MANIFEST = JSON.stringify({ name: PLUGIN, version: "0.1.0", main: "./dist/server.js" });
const CLONE = {
  [NPM]: folder(["dist", "package.json"]),
  [`${NPM}/package.json`]: MANIFEST,
  [`${NPM}/dist`]: folder(["server.js"]),
  [`${NPM}/dist/server.js`]: "",
};

const ROWS: readonly Row[] = [
  [
    "no login in its database",
    v2({}, [{ ...ROW, isActive: false }]),
    "row-missing",
    /^opencode 2\.x has no active login for Kimi in ~\/\.local\/share\/opencode\/opencode\.db$/,
    /^opencode auth login kimi-for-coding-oauth --method oauth$/,
  ],
  [
    "no login anywhere",
    v2({ files: { [AUTH]: undefined } }, []),
    "not-logged-in",
    /^there is no login/,
    /^opencode auth login kimi-for-coding-oauth --method oauth$/,
  ],
  [
    "a login of another method",
    v2({}, [{ ...ROW, method: "device" }]),
    "row-method",
    /the method "device", which the plugin does not have/,
    /--method oauth$/,
  ],
  [
    "another account than in auth.json",
    v2({}, [{ ...ROW, access: OTHER, refresh: "SECRET-2" }]),
    "note row-account",
    /^opencode 2\.x uses another account than auth\.json/,
    /^log in to one of the two again/,
  ],
  [
    "a database that was not read",
    v2({
      deps: { credentialRows: () => Promise.resolve({ state: "not read", why: "it is locked" }) },
    }),
    "note row-unread",
    /opencode\.db were not read: it is locked$/,
    /^$/,
  ],
  [
    "variables that its service does not see",
    v2({ variables: { KIMI_MODEL_TEMPERATURE: "1", KIMI_SHARE_DIR: `${HOME}/.kimi` } }),
    "note service-environment",
    /^KIMI_SHARE_DIR, KIMI_MODEL_TEMPERATURE of this shell do not reach opencode 2\.x/,
    /^opencode service set env NAME=VALUE, then opencode service restart$/,
  ],
  ...["-opencode-kimi-full", "-*", "-kimi-for-coding-*"].map((off): Row => [
    `the entry ${off}`,
    v2(listed({ plugin: [PLUGIN], plugins: [off] })),
    "plugin-off",
    /switches the plugin off in opencode 2\.x$/,
    /^remove it$/,
  ]),
  [
    "an entry of 2.x where 1.x is installed too",
    v2(listed({ plugins: [{ package: PLUGIN, options: { discover: true } }] }), [ROW], BOTH),
    "plugin-v2-list",
    /^only "plugins" lists opencode-kimi-full, and opencode 1\.x reads "plugin"$/,
    /list it there$/,
  ],
  [
    "a file",
    v2(listed({ plugin: [`${NPM}/dist/server.js`] }, CLONE)),
    "plugin-v2-path",
    /because it is a file$/,
    /^name its folder instead$/,
  ],
  [
    "a folder without server.js",
    v2(listed({ plugin: [NPM] }, CLONE)),
    "plugin-v2-path",
    /finds neither server\.js nor index\.js in /,
    /^list ".*\/clone\/npm\/dist" under "plugins" too$/,
  ],
  [
    "a missing entry",
    v2(listed({})),
    "plugin-missing",
    /does not list/,
    /^opencode plugin add opencode-kimi-full$/,
  ],
  ...[
    ["https://api.kimi.com", /has the path \/, not \/coding\/v1$/],
    ["https://proxy.example/v1", /is not a host that gets this login$/],
    ["https://api.kimi.ai/coding/v1", /is not a host that gets this login$/],
    ["nothing", /is not a URL$/],
  ].map(([baseURL, what]): Row => [
    `the base URL ${baseURL}`,
    v2(listed({ plugins: [PLUGIN], providers: { [ID]: { settings: { baseURL } } } })),
    "base-url",
    what instanceof RegExp ? what : /never/,
    /^remove settings\.baseURL/,
  ]),
  [
    "a release that is too old",
    v2({}, [ROW], [{ path: "/bin/opencode", said: "2.0.1" }]),
    "opencode-version",
    /2\.0\.1 is older than 2\.0\.4/,
    /^opencode upgrade$/,
  ],
  [
    "opencode 3",
    v2({}, [ROW], [{ path: "/bin/opencode", said: "3.0.0-beta.1" }]),
    "opencode-version",
    /3\.0\.0-beta\.1 is newer than this plugin, which supports 1\.x and 2\.x/,
    /newer release/,
  ],
  [
    "a corrupt cli.json",
    v2({ files: { [`${HOME}/.config/opencode/cli.json`]: "{" } }),
    "tui-corrupt",
    /cli\.json is not valid/,
    /^correct it$/,
  ],
];

testFindings(ROWS, " in opencode 2.x");

Deno.test("a healthy opencode 2.x, alone or beside 1.x, has no findings", async () => {
  for (const more of [INSTALLED, BOTH]) {
    for (const entry of [PLUGIN, [PLUGIN, {}]]) {
      assertEquals((await reported(v2(listed({ plugin: [entry] }), [ROW], more))).findings, []);
    }
    const both = listed({ plugin: [NPM], plugins: [`${NPM}/dist`, "-other"] }, CLONE);
    const { findings } = await reported(v2(both, [ROW], more));
    assertEquals(findings.map(({ id }) => id), ["plugin-v2-path"]);
  }
  const object = listed({ plugins: [{ package: PLUGIN, options: { client: "opencode" } }] });
  const report = await reported(v2(object));
  assertEquals([report.findings, report.client], [[], "opencode"]);
});

Deno.test("an account that waits in auth.json, and the default base URL, are not findings", async () => {
  const entries = { [ID]: ENTRY, [`${ID}.2`]: { ...ENTRY, access: OTHER, refresh: "SECRET-2" } };
  const baseURL = "https://api.kimi.com/coding/v1/";
  const { files } = listed({ plugins: [PLUGIN], providers: { [ID]: { settings: { baseURL } } } });
  const given = { files: { ...files, [AUTH]: JSON.stringify(entries) } };
  const report = await reported(v2(given, [{ ...ROW, access: OTHER, refresh: "SECRET-3" }]));
  assertEquals(report.findings, []);
  assertEquals(report.opencode.logins?.[0]?.holds, "a waiting account of auth.json");
});

Deno.test("without opencode 2.x, its database and its entries are not findings", async () => {
  const why = "no SQLite";
  const unread = () => Promise.resolve({ state: "not read", why } as const);
  assertEquals((await reported({ deps: { credentialRows: unread } })).findings, []);
  assertEquals((await reported(v2({}, [], []))).findings, []);
  const unknown = { [`${HOME}/.config/opencode/package.json`]: undefined };
  const { findings, opencode } = await reported(v2(listed({ plugins: [PLUGIN] }, unknown), [], []));
  assertEquals([findings, opencode.version], [[], null]);
});

Deno.test("the report shows what opencode 2.x holds, without tokens or names", async () => {
  const rows = [
    ROW,
    { ...ROW, isActive: false, refresh: "SECRET-older", expires: NOW - 1 },
    { ...ROW, isActive: false, refresh: undefined, access: undefined, method: undefined },
  ];
  const given = v2({}, rows, BOTH);
  const report = await reported(given);
  assertEquals(report.opencode.logins?.map(({ holds }) => holds), [
    "the login of auth.json",
    "the account of auth.json",
    "other tokens than auth.json",
  ]);
  assertEquals(report.opencode.installed, [
    { path: "/usr/bin/opencode", version: "2.0.24" },
    { path: "/opt/opencode", version: "1.18.33" },
  ]);
  const text = formatReport(report, PIPE);
  assertMatch(
    text,
    /2\.x login in use +"\[label\]" \(oauth, expires in 10 min\): the login of auth/,
  );
  assertMatch(text, /2\.x login +"\[label\]" \(oauth, expired\): the account of auth\.json/);
  assert(!/SECRET|Ann/.test(text + JSON.stringify(report)));
  const full = JSON.stringify(await reported(given, { full: true }));
  assert(full.includes('"Ann"') && !full.includes("SECRET"));
});
