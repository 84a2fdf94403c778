/**
 * A process with two instances of the plugin, as opencode makes one for each folder: both ask at
 * once with an expired login. Prints the statuses of their answers, and what was logged.
 *
 * @module
 */
import plugin from "../../../../lib/opencode/server.ts";

let entry: unknown = JSON.parse(Deno.args[0] ?? "");
const logged: unknown[] = [];
const client = {
  auth: {
    set: ({ body }: { readonly body: unknown }) => {
      entry = body;
      return Promise.resolve({ data: true });
    },
  },
  app: { log: (line: unknown) => Promise.resolve(void logged.push(line)) },
};

async function ask(): Promise<number> {
  const hooks = await plugin.server({ client });
  await hooks.config({});
  const { fetch } = await hooks.auth.loader(() => Promise.resolve(entry));
  if (typeof fetch !== "function") throw new Error("the loader gave no fetch");
  const message = { role: "user", content: "hello" };
  const body = JSON.stringify({ model: "kimi-for-coding", messages: [message], stream: true });
  const answer: Response = await fetch("https://api.kimi.com/coding/v1/chat/completions", {
    method: "POST",
    headers: { "x-session-id": "ses_1" },
    body,
  });
  await answer.text();
  return answer.status;
}

const statuses = await Promise.all([ask(), ask()]);
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify({ statuses, logged })));
