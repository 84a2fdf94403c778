/** Ctrl-C during a login, and a closed pipe, under each runtime. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { login } from "../../../lib/cli/login/login.ts";
import { type FakeKimi, startFakeKimi } from "../../support/fake/kimi.ts";
import { denoArguments, environmentOf, type Home, makeHome, ROOT } from "../process.ts";
import { buildProgram, RUNTIMES } from "../program.ts";

const OTHERS = '{"other":{"type":"api","key":"k"}}';

const program = await buildProgram();
globalThis.addEventListener("unload", program.remove);

/** Starts `login` under one of the runtimes. */
type Start = (home: Home, kimi: FakeKimi) => Deno.ChildProcess;

function start(path: string, args: readonly string[], home: Home, kimi: FakeKimi) {
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const env = environmentOf({ home, kimi });
  return new Deno.Command(path, { args: [...args], cwd: ROOT, env, clearEnv: true, ...streams })
    .spawn();
}

const starts: (readonly [name: string, start: Start])[] = [
  [
    "Deno",
    (home, kimi) => start(Deno.execPath(), denoArguments(login, [], { home, kimi }), home, kimi),
  ],
];
for (const { name, path } of RUNTIMES) {
  const found = await path();
  if (found === undefined) continue;
  starts.push([name, (home, kimi) => start(found, [program.path, "login"], home, kimi)]);
}

/** Reads until a text was printed. */
async function seen(stream: ReadableStream<Uint8Array>, wanted: string): Promise<void> {
  let said = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.includes(wanted)) return;
  }
  throw new Error(`login printed ${said}`);
}

for (const [name, start] of starts) {
  Deno.test(`Ctrl-C under ${name} ends a login with 130 and leaves auth.json unchanged`, async () => {
    await using kimi = await startFakeKimi({ autoAuthorizeAfterPolls: null });
    await using home = await makeHome();
    for (const before of [undefined, OTHERS]) {
      if (before !== undefined) await home.write(".local/share/opencode/auth.json", before);
      const child = start(home, kimi);
      const errors = new Response(child.stderr).text();
      await seen(child.stdout, "user_code=");
      child.kill("SIGINT");
      assertEquals((await child.status).code, 130);
      assertStringIncludes(
        await errors,
        "\nInterrupted: no new login was stored; if there was no device id, a new one may have been",
      );
      assertEquals(await home.readAuth(), before);
      const left = (await home.list()).filter((path) => path.includes("opencode"));
      assertEquals(left, before === undefined ? [] : [".local/share/opencode/auth.json"]);
    }
  });

  // Bun reports no error on writing to a closed pipe.
  const autoAuthorizeAfterPolls = name === "Bun" ? 0 : null;
  Deno.test(`login under ${name} ends quietly if its output is closed`, async () => {
    await using kimi = await startFakeKimi({ autoAuthorizeAfterPolls });
    await using home = await makeHome();
    const child = start(home, kimi);
    const errors = new Response(child.stderr).text();
    await child.stdout.cancel();
    assertEquals((await child.status).code, 0);
    assertEquals((await errors).split("\n").filter((line) => /error|at /i.test(line)), []);
  });
}
