/** Answers after which users could not ask again: the next question is taken by the strict Kimi. */

import { assertEquals } from "@std/assert";
import { type JsonObject, objectOf } from "../../lib/kimi/util/json.ts";
import type { FakeKimi } from "../support/fake/kimi.ts";
import type { ScriptedAnswer } from "../support/fake/types.ts";
import { type OpencodeServer, serveLoggedIn } from "../support/opencode/server.ts";
import { builtPackage } from "../support/package.ts";
import { OPENCODE_VERSIONS } from "../support/tools.ts";

function calling(args: string, name = "bash", id?: string): ScriptedAnswer {
  return { toolCalls: [{ name, arguments: args, ...(id === undefined ? {} : { id }) }] };
}

function bash(command: string, id?: string): ScriptedAnswer {
  return calling(JSON.stringify({ command, description: "A test" }), "bash", id);
}

const DONE: ScriptedAnswer = { text: "Done." };

/** Answers to one question, and the part of the last at which the user stops it. */
type Row = readonly [name: string, answers: readonly ScriptedAnswer[], stop?: Stop];

type Stop = (part: JsonObject) => boolean;

const ROWS: readonly Row[] = [
  ["thinking alone", [{ reasoning: "I must think." }]],
  ["a blank line", [{ text: "\n" }]],
  ["thinking and blank lines", [{ reasoning: "I must think.", text: "\n\n" }]],
  ["a command that prints nothing", [bash("true"), DONE]],
  ["a command that prints blanks", [bash("printf '  '"), DONE]],
  ["an id in two steps", [bash("echo 1", "bash:0"), bash("echo 2", "bash:0"), DONE]],
  [
    "an id twice in one answer",
    [
      { toolCalls: ["echo 1", "echo 2"].flatMap((each) => bash(each, "bash:0").toolCalls ?? []) },
      DONE,
    ],
  ],
  ...['"ls"', "null", "[]", "", '{"command":', '{"command":"ls"}}'].map((args): Row => [
    `arguments ${args || "without a character"}`,
    [calling(args), DONE],
  ]),
  ["a tool that does not exist", [calling("{}", "nope"), DONE]],
  ["a stop while it thinks", [{ reasoning: "word ".repeat(200) }], isPart("reasoning")],
  ["a stop while it writes", [{ text: "word ".repeat(200) }], isPart("text")],
  ["a stop while arguments come", [bash("echo ".repeat(200))], isTool("pending")],
  ["a stop while a tool runs", [bash("sleep 60")], isTool("running")],
];

function isPart(type: string): Stop {
  return (part) => part.type === type;
}

function isTool(status: string): Stop {
  return ({ type, state }) => type === "tool" && objectOf(state).status === status;
}

for (const version of OPENCODE_VERSIONS) {
  Deno.test(`contract 3: opencode ${version} can ask again after any answer, and after a stop`, async () => {
    await using built = await builtPackage();
    await using stage = await serveLoggedIn(version, built.dir);
    const { kimi, server } = stage;
    const problems: string[] = [];
    for (const row of ROWS) problems.push(...await problemsOf(server, kimi, row));
    assertEquals(problems, []);
  });
}

async function problemsOf(server: OpencodeServer, kimi: FakeKimi, [name, answers, stop]: Row) {
  const session = await server.session();
  kimi.settings.answers.splice(0, Infinity, ...answers);
  kimi.settings.stream = stop === undefined ? {} : { delay: 40 };
  kimi.forgetRequests();
  const stopped = stop && server.until(({ type, properties: { part } }) => {
    const given = objectOf(part);
    return type === "message.part.updated" && given.sessionID === session && stop(given);
  }).then(() => server.abort(session));
  const asked = server.ask(session, "Hello").catch(() => {});
  await stopped;
  await asked;
  kimi.settings.stream = {};
  const { info } = await server.ask(session, "And now?");
  const { error } = objectOf(info);
  const refused = kimi.requestsOf("chat").filter(({ status }) => status >= 400);
  const said = [
    ...error === undefined ? [] : [JSON.stringify(error)],
    ...refused.map((each) => each.answer),
  ];
  return said.map((each) => `${name}: ${each}`);
}
