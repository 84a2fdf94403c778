/** Structured output over opencode's HTTP API: a tool that the model is to call. */

import { assertEquals } from "@std/assert";
import { isObject, type JsonObject, objectOf, parseObject } from "../../lib/kimi/util/json.ts";
import { serveLoggedIn } from "../support/opencode/server.ts";
import { builtPackage } from "../support/package.ts";
import { OPENCODE_VERSIONS } from "../support/tools.ts";

const ID = "kimi-for-coding-oauth";

const SCHEMA = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };

/** What the fake does as the model. */
const CALLS = '[[call:StructuredOutput {"a":1}]]';

for (const version of OPENCODE_VERSIONS) {
  Deno.test(`opencode ${version}, contract 5: structured output works with thinking, and is forced without`, async () => {
    await using built = await builtPackage();
    await using stage = await serveLoggedIn(version, built.dir);
    const { kimi, server } = stage;
    const ask = async (text: string, more: JsonObject = {}) => {
      kimi.forgetRequests();
      const format = { type: "json_schema", schema: SCHEMA };
      const { info } = await server.ask(await server.session(), text, { format, ...more });
      const { structured, error } = objectOf(info);
      const [chat] = kimi.requestsOf("chat");
      const { tool_choice } = parseObject(chat?.body ?? "") ?? {};
      return [structured, isObject(error) ? error.name : undefined, tool_choice];
    };
    assertEquals(await ask(CALLS), [{ a: 1 }, undefined, undefined]);
    assertEquals(await ask(CALLS, { variant: "off" }), [{ a: 1 }, undefined, "required"]);
    assertEquals(await ask("Hello"), [undefined, "StructuredOutputError", undefined]);
    const { all } = objectOf(await server.call("GET", "/provider"));
    const providers: readonly unknown[] = Array.isArray(all) ? all : [];
    const names = providers.map(objectOf).filter(({ id }) => id === ID).map(({ name }) => name);
    assertEquals(names, ["Kimi (account login)"]);
  });
}
