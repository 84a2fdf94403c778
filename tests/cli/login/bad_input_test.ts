/** `login` with broken files, disks and answers: nothing is overwritten, and the error names a fix. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { login } from "../../../lib/cli/login/login.ts";
import { type Outcome, runProcess } from "../../support/process.ts";
import type { FaultAnswer } from "../../support/fake/types.ts";
import { onSmallDisk } from "../../runtime/fs/small_disk.ts";
import { denoArguments, environmentOf, ROOT, runUnderDeno } from "../process.ts";
import { onStage, type Stage } from "./stage.ts";

const OTHERS = '{"other":{"type":"api","key":"k"}}';

/** Asserts that the user was not asked to confirm a login that could not be stored. */
function assertRefused({ kimi }: Stage, { code, stdout, stderr }: Outcome, said: RegExp): void {
  assertMatch(stderr, said);
  assertEquals([code, stdout, kimi.requests.length], [1, "", 0]);
}

/** What is in place of auth.json, and the error. */
const FILES: Readonly<Record<string, readonly [(path: string) => Promise<void>, RegExp]>> = {
  "a corrupt auth.json": [
    (path) => Deno.writeTextFile(path, '{"other": {'),
    /^error: .*auth\.json holds no JSON object, and was left as it is: repair it, or move it away\n$/,
  ],
  "an auth.json that is an array": [(path) => Deno.writeTextFile(path, "[]"), /no JSON object/],
  "an auth.json that is a folder": [
    (path) => Deno.mkdir(path),
    /^error: .*auth\.json cannot be read \(EISDIR\): a folder is in its place: move it away\n$/,
  ],
  "an auth.json that is a link to itself": [
    (path) => Deno.symlink(path, path),
    /^error: .*auth\.json cannot be read \(ELOOP\): the link leads to itself: remove it\n$/,
  ],
};

for (const [name, [make, said]] of Object.entries(FILES)) {
  Deno.test(`${name} is left unchanged, and the error comes before the user is asked`, () =>
    onStage(async (stage) => {
      const { home, kimi } = stage;
      await Deno.mkdir(home.data, { recursive: true });
      await make(home.auth);
      const before = await home.readAuth();
      assertRefused(stage, await runUnderDeno(login, [], { home, kimi }), said);
      assertEquals(await home.readAuth(), before);
      assertEquals((await home.list()).filter((path) => path.includes("opencode/")).length, 1);
    }));
}

Deno.test("login fills an empty auth.json and keeps the bytes of one with CRLF", () =>
  onStage(async ({ home, kimi }) => {
    for (const before of ["", " \n", '{\r\n  "other": 1\r\n}\r\n']) {
      await home.write(".local/share/opencode/auth.json", before);
      const { code, stderr } = await runUnderDeno(login, [], { home, kimi });
      assertEquals(code, 0, stderr);
      const after = await home.readAuth() ?? "";
      assert(after.startsWith(before.trimEnd().replace(/\s*\}$/, "")), after);
    }
  }));

Deno.test("a file in place of opencode's folder is reported", () =>
  onStage(async (stage) => {
    const { home, kimi } = stage;
    await home.write(".local/share/opencode", "");
    const outcome = await runUnderDeno(login, [], { home, kimi });
    assertRefused(
      stage,
      outcome,
      /opencode\/auth\.json cannot be read \(ENOTDIR\): a file is in the/,
    );
  }));

Deno.test("a full disk is reported before the user is asked, and auth.json is kept", (t) =>
  onStage(async (stage) => {
    const { home, kimi } = stage;
    await onSmallDisk(t, home.path, async (disk) => {
      const folder = join(disk, "opencode");
      await Deno.mkdir(folder);
      await Deno.writeTextFile(join(folder, "auth.json"), OTHERS);
      await Deno.writeFile(join(disk, "fill"), new Uint8Array(56 * 1024));
      const flags = ["--allow-env", "--allow-sys", "--allow-net", "--allow-run=uname"];
      const access = [`--allow-read=${home.path}`, `--allow-write=${home.path}`];
      const env = { XDG_DATA_HOME: disk };
      const options = { home, kimi, env, flags: [...flags, ...access] };
      const said = /auth\.json cannot be written \(ENOSPC\): the disk is full: make room\n$/;
      assertRefused(stage, await runUnderDeno(login, [], options), said);
      assertEquals(await Deno.readTextFile(join(folder, "auth.json")), OTHERS);
    });
  }));

/** Without these, the superuser can read every file. */
const WITHOUT_PRIVILEGES = ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"];

async function canDropPrivileges(): Promise<boolean> {
  try {
    const args = [...WITHOUT_PRIVILEGES, "true"];
    return (await runProcess("setpriv", { args, timeout: 10_000 })).code === 0;
  } catch {
    return false;
  }
}

const isRestricted = await canDropPrivileges();

for (
  const [what, mode, said] of [
    [
      "read",
      0o000,
      /auth\.json cannot be read \(EACCES\): give your user the right to read and write/,
    ],
    [
      "write",
      0o400,
      /auth\.json cannot be written \(EACCES\): give your user the right to read and/,
    ],
  ] as const
) {
  Deno.test({
    name: `an auth.json without permission to ${what} it is kept, and the error names a fix` +
      (isRestricted ? "" : " (skipped: setpriv cannot drop the superuser's privileges here)"),
    ignore: !isRestricted,
    fn: () =>
      onStage(async (stage) => {
        const { home, kimi } = stage;
        await home.write(".local/share/opencode/auth.json", OTHERS);
        await Deno.chmod(home.auth, mode);
        const outcome = await runProcess("setpriv", {
          args: [
            ...WITHOUT_PRIVILEGES,
            Deno.execPath(),
            ...denoArguments(login, [], { home, kimi }),
          ],
          env: environmentOf({ home, kimi }),
          cwd: ROOT,
          timeout: 60_000,
        });
        assertRefused(stage, outcome, said);
        await Deno.chmod(home.auth, 0o600);
        assertEquals(await home.readAuth(), OTHERS);
      }),
  });
}

const PAGE: FaultAnswer = {
  status: 200,
  headers: { "Content-Type": "text/html" },
  body: "<html>Sign in to the hotel's network</html>",
};

/** What answers instead of the host, and the error. */
const ANSWERS: Readonly<Record<string, readonly [FaultAnswer | "html" | "drop-before", RegExp]>> = {
  "a captive portal's page": [PAGE, /a web page came in its place: log in to the network's portal/],
  "a captive portal's redirect": [
    { status: 302, headers: { Location: "https://portal.example/" } },
    /a web page came in its place: log in to the network's portal/,
  ],
  "a captive portal's 403": [
    "html",
    /a web page came in its place: log in to the network's portal/,
  ],
  "a portal's 511": [{ status: 511 }, /a web page came in its place/],
  "a proxy's 407": [
    { status: 407 },
    /the proxy asks for a password \(407\): put user and password/,
  ],
  "a dropped connection": ["drop-before", /closed the connection before it answered: try again/],
  "a 503 of the host itself": [{ status: 503 }, /Device authorization failed: HTTP 503/],
  "the client gate's 403": [
    { status: 403, body: { error: { type: "access_terminated_error", message: "for Agents" } } },
    /^error: Device authorization failed: HTTP 403, access_terminated_error: for Agents$/m,
  ],
  "an answer without a code": [
    { status: 200, body: {} },
    /^error: Device authorization failed: the answer lacks device_code or user_code$/m,
  ],
};

for (const [name, [answer, said]] of Object.entries(ANSWERS)) {
  Deno.test(`login reports ${name}`, () =>
    onStage(async ({ home, kimi }) => {
      await home.write(".local/share/opencode/auth.json", OTHERS);
      kimi.settings.faults.push({ kind: "device", answer, times: "always" });
      const { code, stdout, stderr } = await runUnderDeno(login, [], { home, kimi });
      assertMatch(stderr, said);
      assertEquals([code, stdout, await home.readAuth()], [1, "", OTHERS]);
    }));
}

Deno.test("login reports a portal or a proxy that answers while the user confirms", () =>
  onStage(async ({ home, kimi }) => {
    for (const name of ["a captive portal's 403", "a proxy's 407"]) {
      const [answer = "html", said = /^$/] = ANSWERS[name] ?? [];
      kimi.settings.faults.push({ kind: "poll", answer });
      const { code, stderr } = await runUnderDeno(login, [], { home, kimi });
      assertMatch(stderr, said);
      assertEquals([code, await home.readAuth()], [1, undefined]);
    }
  }));

Deno.test("login rejects an OAuth host without TLS before sending anything", () =>
  onStage(async ({ home, kimi }) => {
    for (const host of ["http://example.com", "auth.kimi.com"]) {
      const env = { KIMI_CODE_OAUTH_HOST: host };
      const { code, stderr } = await runUnderDeno(login, [], { home, kimi, env });
      assertMatch(stderr, /cannot be the OAuth host: it must be https, or http on this machine\./);
      assertEquals([code, await home.readAuth()], [1, undefined]);
    }
  }));
