import { assertEquals } from "@std/assert";
import { type BrowserDeps, createBrowserOpener } from "../../../lib/cli/login/browser.ts";
import type { Program } from "../../../lib/runtime/browser.ts";
import { fakeTerminal } from "../terminal.ts";

const URL = "https://www.kimi.com/";

interface Seen {
  readonly started: Program[];
  readonly problems: string[];
}

/** Opens a URL, by default on Linux with a display. */
async function choose(changes: Partial<BrowserDeps> = {}): Promise<Seen> {
  const seen: Seen = { started: [], problems: [] };
  const open = createBrowserOpener({
    values: {},
    terminal: fakeTerminal({ isTerminal: true }),
    platform: "linux",
    variables: { DISPLAY: ":0" },
    start: (program) => Promise.resolve(void seen.started.push(program)),
    onProblem: (problem) => void seen.problems.push(problem),
    ...changes,
  });
  await open?.(URL);
  return seen;
}

Deno.test("createBrowserOpener() opens the page on a terminal with a display", async () => {
  assertEquals(await choose(), { started: [["xdg-open", URL]], problems: [] });
});

const NOT: Readonly<Record<string, Partial<BrowserDeps>>> = {
  "with --no-browser": { values: { "no-browser": true } },
  "with --json": { values: { json: true } },
  "in a pipe": { terminal: fakeTerminal() },
  "without a display": { variables: {} },
  "over SSH": { variables: { DISPLAY: "localhost:10.0", SSH_CONNECTION: "1 2 3 4" } },
};
for (const [how, changes] of Object.entries(NOT)) {
  Deno.test(`createBrowserOpener() opens nothing and prints nothing ${how}`, async () => {
    assertEquals(await choose(changes), { started: [], problems: [] });
  });
}

function denied(access: string): Error {
  return Object.assign(new Error(`Requires ${access}`), { name: "NotCapable" });
}

Deno.test("a browser that cannot be started is reported, and the login goes on", async () => {
  const start = () => Promise.reject(new Error("spawn xdg-open ENOENT"));
  assertEquals((await choose({ start })).problems, ["spawn xdg-open ENOENT"]);
});

Deno.test("a denied permission to open the browser is reported", async () => {
  const run = 'run access to "xdg-open", run again with the --allow-run flag';
  const start = () => Promise.reject(denied(run));
  assertEquals((await choose({ start })).problems, [
    "Deno denied access to xdg-open, which is needed to open the confirmation page (not with " +
    "--no-browser): run again with --allow-run=xdg-open",
  ]);
  const variables = {
    get SSH_CONNECTION(): string {
      throw denied('env access to "SSH_CONNECTION", run again with the --allow-env flag');
    },
  };
  const { started, problems } = await choose({ variables });
  assertEquals(started, []);
  assertEquals(problems, [
    "Deno denied access to SSH_CONNECTION, which is needed to open a browser only if you can see " +
    "it: run again with --allow-env=SSH_CONNECTION,SSH_CLIENT,SSH_TTY,DISPLAY,WAYLAND_DISPLAY",
  ]);
});
