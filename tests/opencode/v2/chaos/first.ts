/** An opencode 1.x beside them, reduced to its plugin, with the same auth.json. */

import { createHooks } from "../../../../lib/opencode/v1/hooks.ts";
import { obey } from "./shared.ts";

const ID = "kimi-for-coding-oauth";
const [path = ""] = Deno.args;

async function entry(): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(path))[ID];
}

if (import.meta.main) {
  await obey(async (environment) => {
    const set = () => Promise.reject(new Error("the file would be written without a lock"));
    const state = { notices: { told: new Map() } };
    const hooks = createHooks(environment, { auth: { set } }, undefined, state);
    await hooks.config({});
    const model = { providerID: ID, id: "kimi-for-coding" };
    await hooks["chat.params"]({ sessionID: "s", model, provider: { id: ID } }, { options: {} });
    const loaded = await hooks.auth.loader(entry);
    const { fetch: send, transformRequestBody } = loaded as {
      readonly fetch: typeof fetch;
      readonly transformRequestBody: (body: object) => unknown;
    };
    const base = environment.variables.KIMI_CODE_BASE_URL;
    return async () => {
      const messages = [{ role: "user", content: "Hello" }];
      const body = { model: "kimi-for-coding", messages, stream: true };
      const answer = await send(`${base}/chat/completions`, {
        method: "POST",
        headers: { "x-session-id": "ses_first" },
        body: JSON.stringify(transformRequestBody(body)),
      });
      const text = await answer.text();
      return [answer.ok ? "done" : text];
    };
  });
}
