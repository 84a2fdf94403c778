/**
 * Asks kimi-cli's own code, through `reference.py`.
 */
import { fromFileUrl } from "@std/path";
import { isObject } from "../../../lib/kimi/util/json.ts";
import type { FakeKimi } from "../../../tests/support/fake/kimi.ts";
import { type KimiCli, kimiEnvironment } from "../../../tests/support/kimi_cli.ts";

/** Cases, or results, by the name of their job. */
export type Jobs = Readonly<Record<string, readonly unknown[]>>;

const SCRIPT = fromFileUrl(new URL("reference.py", import.meta.url));

/**
 * Asks kimi-cli what it says of each case.
 *
 * @param kimi The installed kimi-cli.
 * @param home A temporary folder.
 * @param fake Receives the OAuth forms.
 * @param jobs The cases.
 * @returns A result for each case.
 * @throws {Error} Where the Python program fails, or answers something else.
 */
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

/** A tool call's arguments as opencode writes them: kimi-cli keeps the text that it was sent. */
function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written);
  if (!isObject(value)) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, written(item)]),
  );
  return "args" in value && "id" in value
    ? { ...inner, arguments: JSON.stringify(value.args) }
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
  // A program that failed early says why on its stderr.
  const sent = writer.write(new TextEncoder().encode(input)).then(() => writer.close())
    .catch(() => {});
  const { success, stdout, stderr } = await child.output();
  await sent;
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`reference.py failed:\n${decoder.decode(stderr)}`);
}
