/** Calls kimi-cli's own code through `reference.py`. */

import { fromFileUrl } from "@std/path";
import { isObject } from "../../../lib/kimi/util/json.ts";
import type { Jobs } from "../family.ts";
import type { FakeKimi } from "../../../tests/support/fake/kimi.ts";
import { type KimiCli, kimiEnvironment } from "../../../tests/support/clients/kimi_cli.ts";

const SCRIPT = fromFileUrl(new URL("reference.py", import.meta.url));

/** Returns kimi-cli's result for each case; `fake` receives the OAuth forms. */
export async function askReference(
  kimi: KimiCli,
  home: string,
  fake: FakeKimi,
  jobs: Jobs,
): Promise<Jobs> {
  fake.forgetRequests();
  const answer = await runPython(kimi, kimiEnvironment(home, fake), JSON.stringify(written(jobs)));
  const parsed: unknown = JSON.parse(answer);
  const results: Record<string, readonly unknown[]> = {};
  for (const [job, cases] of Object.entries(jobs)) {
    const given = isObject(parsed) ? parsed[job] : undefined;
    if (!Array.isArray(given) || given.length !== cases.length) {
      throw new Error(`reference.py did not answer ${job}`);
    }
    results[job] = job === "forms" ? fake.requests.map(({ body }) => body) : given;
  }
  return results;
}

/** Writes a tool call's arguments as the model spelled them, or else as opencode does: kimi-cli keeps the text that it receives. */
function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written);
  if (!isObject(value)) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, written(item)]),
  );
  return "args" in value && "id" in value
    ? { ...inner, arguments: value.spelled ?? JSON.stringify(value.args) }
    : inner;
}

async function runPython(
  { python }: KimiCli,
  env: Record<string, string>,
  input: string,
): Promise<string> {
  const command = new Deno.Command(python, {
    args: [SCRIPT],
    clearEnv: true,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  // A program that failed early reports why on its stderr.
  const sent = writer.write(new TextEncoder().encode(input)).then(() => writer.close())
    .catch(() => {});
  const { success, stdout, stderr } = await child.output();
  await sent;
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`reference.py failed:\n${decoder.decode(stderr)}`);
}
