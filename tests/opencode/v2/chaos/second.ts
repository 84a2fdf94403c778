/** A service of opencode 2.x with three folders, over the table and auth.json of its arguments. */

import { createCore } from "../../../../lib/opencode/v2/core.ts";
import { setUp } from "../../../../lib/opencode/v2/setup.ts";
import { openCredentials, openHost } from "../../../support/opencode_v2/host.ts";
import { obey } from "./shared.ts";

const QUESTION = {
  model: "kimi-for-coding-oauth/kimi-for-coding",
  messages: [{ role: "user", text: "Hello" }],
} as const;

if (import.meta.main) {
  await obey(async (environment) => {
    const make = createCore.bind(undefined, environment);
    const state = { cores: new Map(), environment, make };
    const module = { id: "opencode-kimi-full", setup: (ctx: unknown) => setUp(ctx, state) };
    const clock = { now: environment.now, sleep: environment.sleep };
    const table = openCredentials(Deno.args[0]);
    const host = openHost({ version: "newest", clock, plugins: [{ module }], table });
    const locations = await Promise.all(["/a", "/b", "/c"].map((path) => host.location(path)));
    return () =>
      Promise.all(locations.map(async (location) => {
        const outcome = await location.ask({ ...QUESTION, session: location.directory }).outcome;
        return outcome.is === "failed" ? outcome.error.message : outcome.is;
      }));
  });
}
