/**
 * Answers jobs with kimi-code's own functions: `node reference.mjs MAIN < jobs.json`. Its one file
 * exports none of them, so it is loaded with exports added, and without the call that starts it.
 */
import { readFileSync, realpathSync } from "node:fs";
import { registerHooks } from "node:module";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

/** Functions, by their names in the source. */
const FUNCTIONS = [
  "normalizeKimiToolSchema",
  "prepareOpenAIRequest",
  "normalizeToolCallIdsForProvider",
  "resolveThinkingEffortForModel",
  "resolveThinkingKeep",
  "resolveCompletionBudget",
  "completionBudgetParams",
  "toLlmMessage",
];

/** Values, which a function sets the first time that something needs them. */
const VALUES = [
  "kimiOpenAITrait",
  "OPENAI_CHAT_TOOL_CALL_ID_POLICY",
  "kimiModelEnvOverlay",
  "ToolCallIdNormalizer",
  "TOOL_INTERRUPTED_TEXT",
  "TOOL_EMPTY_STATUS",
];

/** How many of them are used here; the others come with a module that a function needs. */
const USED_VALUES = 5;

// Modules are known by the paths that links lead to.
const main = pathToFileURL(realpathSync(process.argv[2])).href;

registerHooks({
  load(url, context, next) {
    if (url !== main) return next(url, context);
    return {
      format: "module",
      source: opened(readFileSync(new URL(url), "utf8")),
      shortCircuit: true,
    };
  },
});

const code = await import(main);
const { jobs } = JSON.parse(await text(process.stdin));
const ANSWERS = {
  turns: turnsOf,
  schemas: (schema) =>
    bodyOf({
      session: "ses_schema",
      effort: "off",
      context: 262_144,
      tools: [{ name: "tool", description: "", parameters: schema }],
      messages: [{ role: "user", text: "hello" }],
    }),
};
const results = Object.fromEntries(
  Object.entries(jobs).map(([job, cases]) => [
    job,
    cases.map((given) => resultOf(ANSWERS[job] ?? bodyOf, given)),
  ]),
);
process.stdout.write(JSON.stringify(results));

/** The source with exports. */
function opened(source) {
  const start = /^main\(\);$/m;
  if (!start.test(source)) throw new Error("its bundle does not end by calling main()");
  const found = (name, pattern) => {
    const match = pattern.exec(source);
    if (match === null) throw new Error(`its bundle has no ${name}`);
    return match[1];
  };
  const inits = VALUES.map((name) =>
    found(name, new RegExp(`^var [^;\\n]*\\b${name}\\b[^;\\n]*;\\nvar (init_[\\w$]+) =`, "m"))
  );
  for (const name of FUNCTIONS) found(name, new RegExp(`^function (${name})\\(`, "m"));
  // One of several functions of this name: the one that takes a history.
  const project = found("project", /^function (project[\w$]*)\(history, onAnomaly\)/m);
  const names = [...FUNCTIONS, ...VALUES.slice(0, USED_VALUES), `${project} as project`];
  const ends = inits.map((init) => `${init}();`).join(" ");
  return `${source.replace(start, "")}\n${ends}\nexport { ${names.join(", ")} };\n`;
}

/** The result, or the message of what it throws. */
function resultOf(answer, given) {
  try {
    return answer(given);
  } catch (error) {
    return { throws: error.message };
  }
}

/**
 * The bodies before each answer; `totals` are the tokens that the service counts for each. Without them,
 * the body of the whole conversation.
 */
function turnsOf({ totals, ...given }) {
  if (totals === undefined) return [bodyOf(given)];
  let end = -1;
  let measured = 0;
  return totals.map((total) => {
    end = given.messages.findIndex(({ role }, index) => index > end && role === "assistant");
    const messages = given.messages.slice(0, end === -1 ? undefined : end);
    const body = bodyOf({ ...given, messages, measured });
    // It keeps the last count that it was told.
    measured = total ?? measured;
    return body;
  });
}

/** The body that it sends for a conversation. */
function bodyOf(given) {
  const { system, session, tools, messages, context, variables = {} } = given;
  const overrides = {};
  code.kimiModelEnvOverlay.apply(overrides, (name) => variables[name], (_, value) => value);
  const { maxCompletionTokens, temperature, topP, thinkingKeep } = overrides.modelOverrides ?? {};
  const projected = code.project(historyOf(messages)).map(code.toLlmMessage);
  const { params } = code.prepareOpenAIRequest({
    model: { model: "kimi-for-coding" },
    systemPrompt: system,
    messages: code.normalizeToolCallIdsForProvider(projected, code.OPENAI_CHAT_TOOL_CALL_ID_POLICY),
    tools: tools.toSorted((a, b) => a.name.localeCompare(b.name)),
    cacheKey: session,
    thinking: thinkingOf(given, thinkingKeep),
    ...code.completionBudgetParams({
      budget: code.resolveCompletionBudget({ maxCompletionTokensCap: maxCompletionTokens }),
      capability: { max_context_tokens: context },
      usedContextTokens: given.measured ?? 0,
    }),
    extraParams: { openai: { temperature, top_p: topP } },
  }, { trait: code.kimiOpenAITrait });
  // No text of its own is stored.
  return JSON.stringify(params).replaceAll(code.TOOL_INTERRUPTED_TEXT, "no result");
}

function thinkingOf({ effort, model = {} }, keep) {
  const requested = effort === "default" ? undefined : effort;
  const { supports_thinking_type: kind, think_efforts: efforts = {} } = model;
  const facts = {
    capabilities: kind === "no" ? [] : ["thinking"],
    supportEfforts: efforts.support === true ? efforts.valid_efforts : undefined,
    defaultEffort: efforts.default_effort,
    alwaysThinking: kind === "only",
  };
  const resolved = code.resolveThinkingEffortForModel(requested, { enabled: true }, facts, true);
  return { effort: resolved, keep: code.resolveThinkingKeep(keep, undefined, resolved) };
}

/** Its history of a conversation; the ids of calls are made unique as their answer arrives. */
function historyOf(messages) {
  const ids = new code.ToolCallIdNormalizer();
  const assigned = new Map();
  return messages.map((message) => {
    const { role, calls = [], id } = message;
    if (role === "tool") {
      return { ...partsOf(message), toolCallId: assigned.get(id)?.shift() ?? id };
    }
    const toolCalls = ids.beginResponse().remapFinalizedCalls(calls.map(callOf));
    for (const [index, call] of calls.entries()) {
      assigned.set(call.id, [...assigned.get(call.id) ?? [], toolCalls[index].id]);
    }
    return { ...partsOf(message), toolCalls };
  });
}

function callOf({ id, name, args, arguments: written = JSON.stringify(args) }) {
  return { type: "function", id, name, arguments: written };
}

function partsOf({ role, text = "", parts, think }) {
  const thought = think === undefined
    ? []
    : [{ type: "think", think, reasoningKey: "reasoning_content" }];
  const said = role === "assistant" && text === "" ? [] : [{ type: "text", text }];
  return { role, content: [...thought, ...(parts?.map(partOf) ?? said)], toolCalls: [] };
}

function partOf(part) {
  if (part.type === "text") return { type: "text", text: part.text };
  return { type: "image_url", imageUrl: { url: `data:${part.mediaType};base64,${part.image}` } };
}
