/** Usage as a user of the npm package sees it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join, toFileUrl } from "@std/path";
import { environmentOf, makeHome } from "../cli/process.ts";
import { type FakeKimi, OLDER_USAGES, startFakeKimi } from "../support/fake/kimi.ts";
import { openOpencode } from "../support/opencode/opencode.ts";
import { type BuiltPackage, builtPackage } from "../support/package.ts";
import { runProcess } from "../support/process.ts";
import { bunProgram, OPENCODE_VERSIONS } from "../support/tools.ts";

const WORKER = fromFileUrl(new URL("../opencode/v1/tui/worker.ts", import.meta.url));
const LIMIT = "You've reached your weekly (7-day) usage limit";

/** The older shape, with the week used up. */
const USED_UP = { ...OLDER_USAGES, usage: { ...OLDER_USAGES.usage, used: "100", remaining: "0" } };

let built: BuiltPackage;
Deno.test.beforeAll(async () => void (built = await builtPackage()));
Deno.test.afterAll(async () => await built[Symbol.asyncDispose]());

/** An auth.json with a login of the fake. */
function auth(kimi: FakeKimi, lifetime: number): string {
  const { access_token: access, refresh_token: refresh } = kimi.issueTokens({ lifetime });
  const entry = { type: "oauth", access, refresh, expires: Date.now() + lifetime * 1000 };
  return JSON.stringify({ "kimi-for-coding-oauth": entry });
}

for (const version of OPENCODE_VERSIONS) {
  Deno.test(`contract 13: opencode ${version} shows the window that is used up, and asks once`, async () => {
    const body = { error: { type: "access_terminated_error", message: LIMIT } };
    await using kimi = await startFakeKimi({
      usages: USED_UP,
      faults: [{ kind: "chat", times: "always", answer: { status: 403, body } }],
    });
    await using opencode = await openOpencode({
      version,
      kimi,
      config: { plugin: [built.dir] },
      env: { TZ: "Asia/Kathmandu" },
    });
    await opencode.writeAuth(auth(kimi, 900));
    const { stdout, stderr } = await opencode.ask("hello");
    assertMatch(
      stdout + stderr,
      /quota is used up: .+Used up: week, which resets at 2030-01-08 21:38/,
    );
    assertEquals(kimi.requestsOf("refresh"), []);
    // A title and an answer, each refused once and each followed by one request for the usage; opencode
    // may exit before the title's.
    const [chats, usages] = [kimi.requestsOf("chat").length, kimi.requestsOf("usages").length];
    assert(chats <= 2 && usages >= 1 && usages <= chats, `${chats} chats, ${usages} questions`);
  });
}

for (const release of ["1.14", "1.18"] as const) {
  Deno.test(`the package's /kimi-usage draws its bars in Bun, for opencode ${release}`, async () => {
    await using kimi = await startFakeKimi();
    await using home = await makeHome();
    await home.write(".local/share/opencode/auth.json", auth(kimi, 30));
    const module = toFileUrl(join(built.dir, "dist/tui.js")).href;
    const { stdout, stderr } = await runProcess(await bunProgram(), {
      args: [WORKER, module, release],
      env: environmentOf({ home, kimi, env: { TZ: "Asia/Kathmandu" } }),
      timeout: 60_000,
    });
    assertEquals(stderr, "");
    const [asking, shown] = JSON.parse(stdout);
    assertEquals(asking.message, "Asking Kimi…");
    assertMatch(shown.message, /^5 hours +27 %\n█+░+\nresets 2030-01-01 20:38[ \n]\(in /);
    assertEquals(kimi.requests.map(({ kind }) => kind), ["refresh", "usages"]);
  });
}
