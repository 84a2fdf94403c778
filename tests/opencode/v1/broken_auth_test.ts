import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { SharedFile } from "../../../lib/client/environment.ts";
import { ask, configured, plugin, sdkPart } from "./fixtures.ts";

/** A request of an opencode whose auth.json holds a text; it calls no loader, since it finds no login. */
async function asked(text: string | undefined): Promise<readonly [number, string]> {
  const made = plugin();
  const file: SharedFile = {
    path: "/data/opencode/auth.json",
    read: () => Promise.resolve(text),
    replace: () => Promise.reject(new Error("nobody may write")),
    assertWritable: () => Promise.resolve(),
    lock: () => Promise.resolve(undefined),
  };
  Object.assign(made.environment, { authFile: () => Promise.resolve(file) });
  const { options } = await configured(made);
  const answer = await ask(sdkPart(options));
  assertEquals(made.environment.sent, []);
  return [answer.status, (await answer.json()).error.message];
}

Deno.test("an auth.json that is not JSON is named, and no login is advised that would overwrite it", async () => {
  for (const text of ['{"other":{"type":"api"', "[]", "not JSON"]) {
    const [status, message] = await asked(text);
    assertStringIncludes(message, "/data/opencode/auth.json holds no JSON object");
    assert(
      !message.includes("auth login") && status >= 400 && status < 500,
      `${status} ${message}`,
    );
  }
});

Deno.test("an auth.json without a login of Kimi asks for one", async () => {
  for (const text of [undefined, "", "{}", '{"other":{"type":"api","key":"k"}}']) {
    const [status, message] = await asked(text);
    assertEquals(status, 401);
    assertStringIncludes(message, "Not logged in to Kimi: run opencode auth login");
  }
});
