/** The object for both hosts on real releases of opencode 1.x, some of which call `setup` too. */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join, toFileUrl } from "@std/path";
import { startFakeKimi } from "../support/fake/kimi.ts";
import {
  environment,
  MODEL,
  type Opencode,
  openOpencode,
  succeeded,
} from "../support/opencode/opencode.ts";
import { type BuiltPackage, builtPackage } from "../support/package.ts";
import { EARLY_CORE_VERSIONS, opencodeProgram } from "../support/tools.ts";

let built: BuiltPackage;
Deno.test.beforeAll(async () => void (built = await builtPackage()));
Deno.test.afterAll(async () => await built[Symbol.asyncDispose]());

const WITH_NOTES = fromFileUrl(new URL("./two_hosts.mjs", import.meta.url));

/** A call of `setup`. */
interface Note {
  readonly keys: readonly string[];
  readonly gives: string;
  readonly took: number;
}

for (const version of EARLY_CORE_VERSIONS) {
  Deno.test(`opencode ${version}: the plugin lists its model, logs in and answers, and calls a tool`, async () => {
    await using kimi = await startFakeKimi({ deviceInterval: 1 });
    const config = { plugin: [`opencode-kimi-full@file:${built.tarball}`] };
    await using opencode = await openOpencode({ version, config, kimi });
    assert((await opencode.models()).includes(MODEL));
    succeeded(await opencode.login());
    const args = '{"command":"echo hi","description":"Print hi"}';
    kimi.settings.answers.push({ toolCalls: [{ name: "bash", arguments: args }] });
    const { text } = await opencode.ask("What does echo print?");
    assertEquals(text, "The tool said: hi");
    const refused = kimi.requestsOf("chat").filter(({ status }) => status !== 200);
    assertEquals(refused.map(({ answer }) => answer), []);
  });
}

for (const version of ["1.17.11", "1.18.33", "1.18.34"] as const) {
  Deno.test(`opencode ${version}: its early core calls setup, which returns at once and does nothing`, async () => {
    await using kimi = await startFakeKimi();
    const config = { plugin: [toFileUrl(WITH_NOTES).href] };
    await using opencode = await openOpencode({ version, config, kimi });
    const before = await opencode.listFiles();
    const notes = join(opencode.home, "notes.jsonl");
    const { said, integrations } = await askCore(opencode, await opencodeProgram(version), {
      ...environment(opencode.home, { kimi }),
      PLUGIN_SERVER: toFileUrl(join(built.dir, "dist", "server.js")).href,
      SETUP_NOTES: notes,
    });
    const calls = (await Deno.readTextFile(notes)).trim().split("\n");
    for (const { keys, gives, took } of calls.map((line): Note => JSON.parse(line))) {
      assertEquals([keys.includes("session"), gives], [false, "undefined"]);
      assert(took < 1000, `setup took ${took} ms`);
    }
    // opencode itself offers Kimi's API key.
    assert(!/kimi-for-coding-oauth|kimi-full/.test(integrations), integrations);
    assert(!/kimi/i.test(said()), said());
    assertEquals(kimi.requests.map(({ path }) => path), []);
    const files = (await opencode.listFiles()).filter((file) => !before.includes(file));
    assertEquals(files.filter((file) => /kimi|auth\.json/.test(file)), []);
  });
}

/** Starts the server, and asks its early core for what makes it set plugins up. */
async function askCore(
  { home }: Opencode,
  program: string,
  env: Record<string, string>,
): Promise<{ readonly said: () => string; readonly integrations: string }> {
  const child = new Deno.Command(program, {
    args: ["serve", "--hostname", "127.0.0.1", "--port", "0"],
    cwd: join(home, "project"),
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  let said = "";
  let url: string | undefined;
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    while (url === undefined) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`opencode serve ended: ${said}${await errors}`);
      said += value;
      url = /listening on (http:\S+)/.exec(said)?.[1];
    }
    // The core sets plugins up beside its answers, from the first question on.
    const signal = AbortSignal.timeout(60_000);
    let integrations = "";
    while (!await Deno.stat(env.SETUP_NOTES ?? "").then(() => true, () => false)) {
      integrations = await (await fetch(`${url}/api/integration`, { signal })).text();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    integrations += await (await fetch(`${url}/api/integration`, { signal })).text();
    return { said: () => said, integrations };
  } finally {
    child.kill("SIGTERM");
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      said += value;
    }
    said += await errors;
    await child.status;
  }
}
