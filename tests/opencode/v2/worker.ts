/**
 * A process of its own: a service of opencode 2.x with three folders, or an opencode 1.x. Each asks a
 * question on the login of a folder, all at once.
 */

import { createHooks } from "../../../lib/opencode/v1/hooks.ts";
import { createCore } from "../../../lib/opencode/v2/core.ts";
import { setUp } from "../../../lib/opencode/v2/setup.ts";
import { systemEnvironment } from "../../../lib/runtime/environment.ts";
import { sharedAuthFile } from "../../../lib/runtime/fs/atomic_file.ts";
import { openCredentials, openHost } from "../../support/opencode_v2/host.ts";
import { sdkPart } from "../v1/fixtures.ts";

const [host = "", folder = "", offset = "0"] = Deno.args;
const now = () => Date.now() + Number(offset) * 1000;
const file = sharedAuthFile(folder);
const environment = { ...systemEnvironment(), now, authFile: () => file };

/** The outcomes of three folders of one service. */
async function askSecond(): Promise<readonly string[]> {
  const table = openCredentials(`${folder}/rows.db`);
  const state = { cores: new Map(), environment, make: createCore.bind(undefined, environment) };
  const module = { id: "opencode-kimi-full", setup: (ctx: unknown) => setUp(ctx, state) };
  const clock = { now, sleep: environment.sleep };
  const service = openHost({ clock, table, plugins: [{ module }] });
  const locations = await Promise.all(["/a", "/b", "/c"].map((name) => service.location(name)));
  const model = "kimi-for-coding-oauth/kimi-for-coding";
  const outcomes = await Promise.all(locations.map((location, index) => {
    const messages = [{ role: "user", text: "Hello" }] as const;
    return location.ask({ model, session: `ses_${index}`, messages }).outcome;
  }));
  await service[Symbol.asyncDispose]();
  return outcomes.map((outcome) =>
    outcome.is === "failed" ? JSON.stringify(outcome) : String(outcome.is)
  );
}

/** The outcome of an opencode 1.x. */
async function askFirst(): Promise<readonly string[]> {
  const client = { auth: { set: () => Promise.reject(new Error("not used")) } };
  const hooks = createHooks(environment, client, undefined, { notices: { told: new Map() } });
  const id = "kimi-for-coding-oauth";
  const config: { provider?: Record<string, unknown> } = {};
  await hooks.config(config);
  const auth = async () => JSON.parse(await (await file)?.read() ?? "{}")[id];
  await hooks.auth.loader(auth, config.provider?.[id]);
  const sdk = sdkPart(Object(config.provider?.[id]).options);
  const body = { model: "kimi-for-coding", messages: [{ role: "user", content: "Hello" }] };
  const response = await sdk.fetch(`${sdk.baseURL}/chat/completions`, {
    method: "POST",
    body: JSON.stringify(sdk.transformRequestBody({ ...body, stream: true })),
  });
  await response.text();
  return [response.ok ? "done" : `HTTP ${response.status}`];
}

const outcomes = await (host === "1" ? askFirst() : askSecond());
await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(outcomes)}\n`));
Deno.exit();
