/** Deno, Node and Bun send the same seven headers as kimi-cli on the same machine. */

import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { runProcess } from "../support/process.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
const FACTS = join(ROOT, "tests/runtime/device/print_facts.ts");

const BUN = firstFile(
  ".cache/rt/node_modules/@oven/bun-linux-x64/bin/bun",
  ".cache/bun-1.3.4/node_modules/@oven/bun-linux-x64/bin/bun",
);
const PYTHON = Deno.env.get("KIMI_CLI_PYTHON") ?? firstFile(".cache/kimi-cli-1.51.0/bin/python");

interface Printed {
  readonly headers: Readonly<Record<string, string>>;
  readonly again: Readonly<Record<string, string>>;
  readonly logs: readonly string[];
}

function firstFile(...paths: readonly string[]): string | undefined {
  return paths.map((path) => join(ROOT, path)).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** Creates a home folder; `share` is the path of the share folder in it. */
async function makeHome(): Promise<{ home: string; share: string } & AsyncDisposable> {
  const home = await Deno.makeTempDir({ prefix: "kimi-home-" });
  const remove = () => Deno.remove(home, { recursive: true });
  return { home, share: join(home, ".kimi"), [Symbol.asyncDispose]: remove };
}

async function output(program: string, args: readonly string[], home?: string): Promise<string> {
  const { PATH = "", DENO_DIR = join(home ?? "", "deno") } = Deno.env.toObject();
  const env = home === undefined ? {} : { env: { HOME: home, PATH, DENO_DIR } };
  const { code, stdout, stderr } = await runProcess(program, { args, timeout: 60_000, ...env });
  if (code === 0) return stdout;
  throw new Error(`${program} ended with ${code}\n${stdout}\n${stderr}`);
}

async function printed(program: string, args: readonly string[], home: string): Promise<Printed> {
  return JSON.parse(await output(program, args, home));
}

function underDeno(home: string): Promise<Printed> {
  const args = ["run", "-A", "--no-config", "--no-lock", "--quiet", FACTS];
  return printed(Deno.execPath(), args, home);
}

async function bundle(folder: string): Promise<string> {
  const path = join(folder, "facts.mjs");
  const args = ["bundle", "--quiet", "--no-lock", "--platform", "deno", "-o", path, FACTS];
  await output(Deno.execPath(), args);
  return path;
}

Deno.test("the device is read once, and the device id is created in the home folder", async () => {
  await using made = await makeHome();
  const { headers, again, logs } = await underDeno(made.home);
  assertEquals([again, logs], [headers, []]);
  const id = await Deno.readTextFile(join(made.share, "device_id"));
  assertMatch(id, /^[0-9a-f]{32}$/);
  assertEquals(headers["X-Msh-Device-Id"], id);
  assertEquals(Object.keys(headers), [
    "User-Agent",
    "X-Msh-Platform",
    "X-Msh-Version",
    "X-Msh-Device-Name",
    "X-Msh-Device-Model",
    "X-Msh-Os-Version",
    "X-Msh-Device-Id",
  ]);
});

Deno.test("a device id that cannot be read is logged once per process", async () => {
  await using made = await makeHome();
  await Deno.mkdir(join(made.share, "device_id"), { recursive: true });
  const { headers, again, logs } = await underDeno(made.home);
  assertMatch(headers["X-Msh-Device-Id"] ?? "", /^[0-9a-f]{32}$/);
  assertEquals([again, logs.length], [headers, 1]);
  assertMatch(logs[0] ?? "", /^warn: The device id [^\n]+$/);
});

Deno.test("Node and Deno send the same seven headers", async () => {
  await using made = await makeHome();
  const path = await bundle(made.home);
  const under = await printed("node", [path], made.home);
  assertEquals(under, await underDeno(made.home));
});

Deno.test({
  name: `Bun and Deno send the same seven headers${BUN ? "" : " (skipped: no Bun in .cache)"}`,
  ignore: BUN === undefined,
  async fn() {
    await using made = await makeHome();
    const path = await bundle(made.home);
    assertEquals(await printed(BUN ?? "", [path], made.home), await underDeno(made.home));
  },
});

const HEADERS = "import json; from kimi_cli.auth.oauth import _common_headers; " +
  "from kimi_cli.constant import USER_AGENT; " +
  "print(json.dumps({'User-Agent': USER_AGENT, **_common_headers()}))";

for (const first of ["kimi-cli", "ours"] as const) {
  Deno.test({
    name: `the seven headers equal those of kimi-cli 1.51.0 with a device id created by ${first}` +
      (PYTHON ? "" : " (skipped: set KIMI_CLI_PYTHON to a Python that has it)"),
    ignore: PYTHON === undefined,
    async fn() {
      await using made = await makeHome();
      const theirs = async () => JSON.parse(await output(PYTHON ?? "", ["-c", HEADERS], made.home));
      const early = first === "kimi-cli" ? await theirs() : undefined;
      const { headers } = await underDeno(made.home);
      assertEquals(headers, early ?? await theirs());
    },
  });
}
