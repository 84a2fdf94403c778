import { assertEquals } from "@std/assert";
import { browserChoice, type BrowserContext } from "../../../lib/cli/login/browser.ts";
import type { Program } from "../../../lib/runtime/browser.ts";
import { fakeTerminal } from "../terminal.ts";

const URL = "https://www.kimi.com/";

interface Seen {
  readonly started: Program[];
  readonly problems: string[];
}

/** Opens a URL where the choice is to open one; on a Linux with a display, unless told otherwise. */
async function choose(changes: Partial<BrowserContext> = {}): Promise<Seen> {
  const seen: Seen = { started: [], problems: [] };
  const open = browserChoice({
    values: {},
    terminal: fakeTerminal({ isTerminal: true }),
    platform: "linux",
    variables: { DISPLAY: ":0" },
    permissions: [{ flag: "--allow-run", value: "xdg-open", why: "open the page" }],
    start: (program) => Promise.resolve(void seen.started.push(program)),
    onProblem: (problem) => void seen.problems.push(problem),
    ...changes,
  });
  await open?.(URL);
  return seen;
}

Deno.test("on a terminal with a display the page is opened", async () => {
  assertEquals(await choose(), { started: [["xdg-open", URL]], problems: [] });
});

const NOT: Readonly<Record<string, Partial<BrowserContext>>> = {
  "with --no-browser": { values: { "no-browser": true } },
  "with --json": { values: { json: true } },
  "in a pipe": { terminal: fakeTerminal() },
  "without a display": { variables: {} },
  "over SSH": { variables: { DISPLAY: "localhost:10.0", SSH_CONNECTION: "1 2 3 4" } },
};
for (const [how, changes] of Object.entries(NOT)) {
  Deno.test(`${how} no browser is opened, and nothing is said of it`, async () => {
    assertEquals(await choose(changes), { started: [], problems: [] });
  });
}

function denied(what: string): Error {
  return Object.assign(new Error(`Requires ${what}`), { name: "NotCapable" });
}

Deno.test("a browser that cannot be started is a line, and no failure", async () => {
  const start = () => Promise.reject(new Error("spawn xdg-open ENOENT"));
  assertEquals((await choose({ start })).problems, ["spawn xdg-open ENOENT"]);
});

Deno.test("a permission that is missing for it is named", async () => {
  const run = 'run access to "xdg-open", run again with the --allow-run flag';
  const start = () => Promise.reject(denied(run));
  assertEquals((await choose({ start })).problems, [
    "Deno denied the access to xdg-open: --allow-run is missing, which is needed to open the page. " +
    "Run again with --allow-run=xdg-open",
  ]);
  const variables = {
    get SSH_CONNECTION(): string {
      throw denied('env access to "SSH_CONNECTION", run again with the --allow-env flag');
    },
  };
  const { started, problems } = await choose({ variables });
  assertEquals(started, []);
  assertEquals(problems, [
    "Deno denied the access to SSH_CONNECTION: --allow-env is missing. " +
    "Run again with --allow-env=SSH_CONNECTION",
  ]);
});
