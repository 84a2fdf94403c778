/** Behaviour that all commands share. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS, run } from "../../../lib/cli/commands.ts";
import { type Command, EXIT, type Invocation } from "../../../lib/cli/shared/command.ts";
import { formatHelp } from "../../../lib/cli/shared/help.ts";
import { createLog, runCommand } from "../../../lib/cli/shared/run.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import { denoArguments, environmentOf, makeHome, ROOT, runUnderDeno } from "../process.ts";
import { runProcess } from "../../support/process.ts";
import { type FakeTerminal, fakeTerminal, type FakeTerminalOptions } from "../terminal.ts";

for (const command of COMMANDS) {
  const { name, options, permissions } = command;

  Deno.test(`${name} --help and --version need no permission`, async () => {
    await using home = await makeHome();
    const run = (...args: readonly string[]) => runUnderDeno(command, args, { home, flags: [] });
    const help = await run("--help");
    assertEquals([help.code, help.stderr], [0, ""]);
    assertEquals((await run("-h")).stdout, help.stdout);
    for (const option of [...options, { name: "help" }, { name: "version" }]) {
      assertStringIncludes(help.stdout, `\n  --${option.name} `);
    }
    for (const { flag, value, why } of permissions) {
      assert(
        help.stdout.includes(`${flag}=${value}\n`) || help.stdout.includes(`${flag}="${value}"\n`),
      );
      assertStringIncludes(help.stdout, `\n      to ${why}\n`);
    }
    const version = await run("--version");
    assertEquals([version.code, version.stdout, version.stderr], [0, `${VERSION}\n`, ""]);
  });

  Deno.test(`${name} with unknown arguments ends with 2 and does nothing`, async () => {
    await using home = await makeHome();
    for (const typed of ["--bogus", "word", "--json=1"]) {
      const { code, stdout, stderr } = await runUnderDeno(command, [typed], { home, flags: [] });
      assertEquals([code, stdout], [2, ""]);
      assertMatch(stderr, /^error: [^\n]+; (\w+) --help lists the options\n$/);
    }
    assertEquals(await home.list(), []);
  });

  Deno.test(`${name} --help ends quietly if its output is closed`, async () => {
    await using home = await makeHome();
    const options = { home, flags: [] };
    const child = new Deno.Command(Deno.execPath(), {
      args: [...denoArguments(command, ["--help"], options)],
      ...{ cwd: ROOT, env: environmentOf(options), clearEnv: true },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
    const errors = new Response(child.stderr).text();
    await child.stdout.cancel();
    assertEquals([(await child.status).code, await errors], [0, ""]);
  });
}

const COMMAND: Command = {
  name: "try",
  summary: "Tries.",
  options: [{ name: "value", value: "X", help: "a value" }, { name: "flag", help: "a flag" }],
  permissions: [{ flag: "--allow-net", value: "auth.kimi.com", why: "log in" }],
  run: () => Promise.resolve(EXIT.ok),
};

async function outcome(
  run: (invocation: Invocation) => Promise<number>,
  argv: readonly string[] = [],
  options: FakeTerminalOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly code: number } & FakeTerminal["written"]> {
  const terminal = fakeTerminal(options);
  const code = await runCommand({ ...COMMAND, run }, argv, terminal, signal);
  return { code, ...terminal.written };
}

Deno.test("runCommand() passes the options and returns the exit code", async () => {
  let values: unknown;
  const { code } = await outcome((invocation) => {
    values = { ...invocation.values };
    return Promise.resolve(3);
  }, ["--value", "x", "--flag"]);
  assertEquals([code, values], [3, { value: "x", flag: true }]);
});

Deno.test("runCommand() prints an error in one line on standard error and returns 1", async () => {
  const fail = () => Promise.reject(new KimiError("network", "It failed: try again"));
  assertEquals(await outcome(fail), { code: 1, out: "", err: "error: It failed: try again\n" });
});

Deno.test("runCommand() wraps an error between words and colours its label on a terminal", async () => {
  const fail = () => Promise.reject(new Error("It failed since everything went wrong"));
  const narrow = { isTerminal: true, columns: 20 };
  assertEquals(
    (await outcome(fail, [], narrow)).err,
    "error: It failed\nsince everything\nwent wrong\n",
  );
  const { err } = await outcome(fail, [], { ...narrow, hasColour: true });
  assertEquals(err, "\x1b[31merror:\x1b[39m It failed\nsince everything\nwent wrong\n");
});

Deno.test("runCommand() wraps the message of an abort between words on a terminal", async () => {
  const cancelled = () => Promise.reject(new KimiError("aborted", "It was cancelled by the user"));
  const { err } = await outcome(cancelled, [], { isTerminal: true, columns: 20 });
  assertEquals(err, "It was cancelled by\nthe user\n");
});

Deno.test("runCommand() returns 130 after an abort, also if another error follows from it", async () => {
  const cancelled = () => Promise.reject(new KimiError("aborted", "It was cancelled"));
  assertEquals(await outcome(cancelled), { code: 130, out: "", err: "It was cancelled\n" });
  const fail = () => Promise.reject(new Error("fetch failed"));
  const said = { code: 130, out: "", err: "Interrupted\n" };
  assertEquals(await outcome(fail, [], {}, AbortSignal.abort()), said);
});

Deno.test("createLog() prints warnings and errors with their level", () => {
  const terminal = fakeTerminal();
  const log = createLog(terminal);
  for (const level of ["debug", "info", "warn", "error"] as const) log(level, `a ${level}`);
  assertEquals(terminal.written, { out: "", err: "warn: a warn\nerror: a error\n" });
});

Deno.test("createLog() names the commands' option in place of the plugin's", () => {
  const terminal = fakeTerminal();
  createLog(terminal)("warn", 'set the option "client": "kimi-code"');
  assertEquals(terminal.written, { out: "", err: "warn: set --client kimi-code\n" });
});

Deno.test("the help shows Deno's flags only under Deno, and always the exit codes", () => {
  const { out } = fakeTerminal();
  const permissions = [{ flag: "--allow-net", value: "auth.kimi.com", why: "log in" }];
  for (const isDeno of [true, false]) {
    const help = formatHelp({ ...COMMAND, permissions }, out, isDeno);
    assertEquals(/--allow-net|deno run|Permissions/.test(help), isDeno);
    assertStringIncludes(
      help,
      "\nExit codes: 0 success, 1 failure, 2 wrong arguments, 130 Ctrl-C\n",
    );
  }
});

Deno.test("the program understands help, help <command>, <command> help and -v", async () => {
  const run = async (...args: readonly string[]) => {
    const code = `import { run } from "./lib/cli/commands.ts"; await run(${JSON.stringify(args)});`;
    const all = ["eval", "--quiet", code];
    return await runProcess(Deno.execPath(), { args: all, cwd: ROOT, timeout: 60_000 });
  };
  for (const args of [["help"], ["--help"], ["-h"]]) {
    const { code, stdout } = await run(...args);
    assertEquals(code, 0);
    assertMatch(stdout, /^Usage: opencode-kimi-full <command>/);
  }
  for (const args of [["help", "usage"], ["usage", "help"], ["usage", "-h"]]) {
    const { code, stdout } = await run(...args);
    assertEquals(code, 0);
    assertMatch(stdout, /^Shows how much of the Kimi For Coding plan is used/);
  }
  for (const args of [["-v"], ["--version"], ["usage", "-v"]]) {
    assertEquals((await run(...args)).stdout, `${VERSION}\n`);
  }
});

Deno.test("the program's help fits the width of a terminal", async () => {
  const { written, ...terminal } = fakeTerminal({ isTerminal: true, columns: 60 });
  await run(["help"], terminal);
  const long = written.out.split("\n").filter(({ length }) => length > 60);
  assertEquals([long, written.out.split("\n").length], [[], 11]);
});

Deno.test("--help fits the width of a terminal, except for flags and commands to copy", async () => {
  for (const command of COMMANDS) {
    for (const columns of [40, 80]) {
      const terminal = fakeTerminal({ isTerminal: true, columns });
      const { signal } = new AbortController();
      assertEquals(await runCommand(command, ["--help"], terminal, signal), 0);
      const long = terminal.written.out.split("\n").filter((line) => line.length > columns);
      const isCopied = (line: string) => /^ {2}(--allow-|deno run|npx)/.test(line);
      assertEquals(long.filter((line) => !isCopied(line)), []);
    }
  }
});
