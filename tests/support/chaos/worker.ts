/** One opencode among several, reduced to its plugin: reads orders from its arguments, prints a line for each request. */

import { createHooks } from "../../../lib/opencode/v1/hooks.ts";
import { PROVIDER_ID } from "../../../lib/kimi/identity/constants.ts";
import type { OpencodeClient } from "../../../lib/opencode/v1/types.ts";
import { troubled } from "./trouble.ts";
import { systemEnvironment } from "../../../lib/runtime/environment.ts";

/** What became of a request. */
export interface Outcome {
  readonly request: number;
  readonly status: number;
  readonly text: string;
}

const [authPath = "", count = "0", pause = "0", trouble = "{}"] = Deno.args;

/** auth.json as opencode reads it: a file that is no JSON holds no entry. */
async function entries(): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await Deno.readTextFile(authPath));
  } catch {
    return {};
  }
}

/** Nothing is stored through opencode: there is an auth.json to write to. */
const client: OpencodeClient = {
  auth: { set: () => Promise.reject(new Error("the whole file would be written without a lock")) },
};

function print(outcome: Outcome): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(outcome)}\n`));
}

/** opencode tries again after a network failure and after these statuses. */
async function ask(
  send: () => Promise<Response>,
): Promise<{ readonly status: number; readonly text: string }> {
  for (let attempt = 0;; attempt++) {
    try {
      const response = await send();
      const text = await response.text();
      const again = response.status === 429 || response.status >= 500;
      if (!again || attempt >= 5) return { status: response.status, text };
    } catch (error) {
      if (attempt >= 5) return { status: 0, text: String(error) };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function main(): Promise<void> {
  const environment = troubled(systemEnvironment(() => {}), JSON.parse(trouble));
  const hooks = createHooks(environment, client, undefined, { notices: { told: new Map() } });
  const config: { provider?: Record<string, unknown> } = {};
  await hooks.config(config);
  const entry = config.provider?.[PROVIDER_ID] as { options: { baseURL: string } };
  const options = await hooks.auth.loader(async () => (await entries())[PROVIDER_ID]);
  const { fetch: send, transformRequestBody } = options as {
    fetch: typeof fetch;
    transformRequestBody: (body: Record<string, unknown>) => unknown;
  };
  for (let request = 0; request < Number(count); request++) {
    const body = JSON.stringify(transformRequestBody({
      model: "kimi-for-coding",
      messages: [{ role: "user", content: `request ${request}` }],
      stream: true,
    }));
    const url = `${entry.options.baseURL}/chat/completions`;
    const { status, text } = await ask(() => send(url, { method: "POST", body }));
    print({ request, status, text: status === 200 ? "" : text });
    await new Promise((resolve) => setTimeout(resolve, Number(pause)));
  }
}

if (import.meta.main) await main();
