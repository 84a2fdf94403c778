/**
 * The processes that are timed, in a home folder of their own.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import type { Places, SubjectName } from "./subjects.ts";
import type { Order, WorkerSetup } from "./worker.ts";

/** Where things are, and how Bun is started. */
export interface Ground extends Places {
  /** The built package. */
  readonly dir: string;
  /** Bun's program. */
  readonly bun: string;
  /** The environment of its processes. */
  readonly env: Readonly<Record<string, string>>;
}

/** A process that does what it is told. */
export interface Worker extends AsyncDisposable {
  /** Gives the milliseconds of each time. */
  readonly measure: (order: Order) => Promise<readonly number[]>;
}

function command({ bun, env }: Ground, script: string, argument: string): Deno.Command {
  const path = fromFileUrl(new URL(script, import.meta.url));
  return new Deno.Command(bun, {
    args: ["--no-install", path, argument],
    ...{ env, clearEnv: true, cwd: env.HOME ?? "." },
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
  });
}

/** Starts a process for one of the three. */
export function startWorker(ground: Ground, subject: SubjectName): Worker {
  const { ours, peer, auth, api } = ground;
  const setup: WorkerSetup = { subject, ours, peer, auth, api };
  const child = command(ground, "worker.ts", JSON.stringify(setup)).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const errors = new Response(child.stderr).text();
  const writer = child.stdin.getWriter();
  let said = "";
  return {
    async measure(order) {
      // Where the process has ended, it is by reading that one learns why.
      await writer.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`)).catch(() => {});
      while (!said.includes("\n")) {
        const { done, value } = await lines.read();
        if (done) throw new Error(`The process of "${subject}" ended: ${await errors}`);
        said += value;
      }
      const end = said.indexOf("\n");
      const samples: readonly number[] = JSON.parse(said.slice(0, end));
      said = said.slice(end + 1);
      return samples;
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      await Promise.all([child.status, errors, lines.cancel()]);
    },
  };
}

/** Milliseconds that a fresh process takes to import a module. */
export async function importTime(ground: Ground, path: string): Promise<number> {
  const child = command(ground, "import.ts", path).spawn();
  await child.stdin.close();
  const { success, stdout, stderr } = await child.output();
  if (success) return Number(new TextDecoder().decode(stdout));
  throw new Error(`${path} could not be imported: ${new TextDecoder().decode(stderr)}`);
}
