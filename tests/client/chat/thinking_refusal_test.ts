/** Models that always think, before anybody knows that they do. */

import { assertEquals, assertMatch } from "@std/assert";
import type { ChatModel } from "../../../lib/client/chat/fetch.ts";
import { isObject, type JsonObject, parseObject } from "../../../lib/kimi/util/json.ts";
import type { Answer } from "../../support/environment.ts";
import { apiError, chatSetup, events, init, readError, URL_OF_CHAT } from "./fixtures.ts";

const REFUSAL = "invalid thinking: only type=enabled is allowed for this model";

/** A service whose models think always. */
const thinker: Answer = ({ body }) => {
  const thinking = parseObject(body)?.thinking;
  const isOff = isObject(thinking) && thinking.type === "disabled";
  return isOff ? apiError(400, "invalid_request_error", REFUSAL) : events("[DONE]");
};

const MODEL: ChatModel = {
  contextLength: 262_144,
  canThink: true,
  userKeys: [],
  abilities: { thinking: "both", efforts: ["max", "low"] },
};

/** Asks for a title as opencode does. */
async function setup(answer: Answer, model = MODEL) {
  const { talk, chats, environment } = await chatSetup(answer, { options: { model: () => model } });
  const ask = (changes: JsonObject = {}) => {
    const off = { model: "k9", messages: [], stream: true, thinking: { type: "disabled" } };
    const body = JSON.stringify(talk.transformRequestBody({ ...off, ...changes }));
    return talk.fetch(URL_OF_CHAT, init({ body }));
  };
  const sent = () => chats().map(({ body }) => parseObject(body) ?? {});
  const fields = () => sent().map(({ thinking, reasoning_effort }) => [thinking, reasoning_effort]);
  return { ask, fields, sent, environment };
}

const OFF = [{ type: "disabled" }, undefined];
const LOW = [{ type: "enabled" }, "low"];

Deno.test("a model that refuses thinking off is asked once more at its lowest effort", async () => {
  const { ask, fields, sent, environment } = await setup(thinker);
  const answer = await ask();
  assertEquals([answer.status, (await answer.text()).includes("[DONE]")], [200, true]);
  assertEquals(fields(), [OFF, LOW]);
  const [first = {}, second = {}] = sent();
  const keys = (body: JsonObject) => Object.keys(body).filter((key) => key !== "reasoning_effort");
  assertEquals(keys(second), keys(first));
  assertMatch(environment.logs.join(), /the effort "off" was replaced by "low": k9 always thinks/);
});

Deno.test("a refusal of thinking off is learnt, for this model alone", async () => {
  const { ask, fields } = await setup(thinker);
  await (await ask()).text();
  await (await ask()).text();
  assertEquals(fields(), [OFF, LOW, LOW]);
  await (await ask({ model: "k8" })).text();
  assertEquals(fields().slice(3), [OFF, LOW]);
});

Deno.test("a model without known efforts is asked once more with thinking alone", async () => {
  const { ask, fields } = await setup(thinker, { ...MODEL, abilities: {} });
  assertEquals((await ask()).status, 200);
  assertEquals(fields(), [OFF, [{ type: "enabled" }, undefined]]);
});

Deno.test("a model that refuses thinking on too is not asked a third time", async () => {
  const { ask, fields } = await setup(() => apiError(400, "invalid_request_error", REFUSAL));
  const answer = await ask();
  assertEquals(answer.status, 400);
  assertMatch((await readError(answer)).message, /only type=enabled/);
  assertEquals(fields(), [OFF, LOW]);
});

Deno.test("another 400, and that one with thinking on, is explained at once", async () => {
  const other = await setup(() => apiError(400, "invalid_request_error", "bad temperature"));
  assertMatch((await readError(await other.ask())).message, /bad temperature/);
  assertEquals(other.fields(), [OFF]);
  const on = await setup(() => apiError(400, "invalid_request_error", REFUSAL));
  assertEquals((await on.ask({ thinking: { type: "enabled" } })).status, 400);
  assertEquals(on.fields().length, 1);
});
