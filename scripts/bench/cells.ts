/** The cells of the table: conversations of a size, with tools, as opencode holds them. */

export interface Cell {
  /** Its name in the table, without the tools. */
  readonly name: string;
  readonly content: "text" | "chinese" | "image" | "growing";
  /** Size of the conversation in UTF-8; of an image in base64. */
  readonly bytes: number;
  /** How many tools. */
  readonly tools: number;
}

const CONTENTS: readonly Pick<Cell, "name" | "content" | "bytes">[] = [
  { name: "30 KB text", content: "text", bytes: 30e3 },
  { name: "300 KB text", content: "text", bytes: 300e3 },
  { name: "1 MB text", content: "text", bytes: 1e6 },
  { name: "300 KB Chinese", content: "chinese", bytes: 300e3 },
  { name: "10 MB image", content: "image", bytes: 10e6 },
];

/** About as many as opencode has, and the most that Kimi takes. */
export const TOOL_COUNTS = [20, 128] as const;

/** Each request has a turn that none before it had. */
const GROWING: Cell = { name: "30 KB growing", content: "growing", bytes: 30e3, tools: 20 };

export const CELLS: readonly Cell[] = [
  ...CONTENTS.flatMap((content) => TOOL_COUNTS.map((tools) => ({ ...content, tools }))),
  GROWING,
];

/** The unique name of a cell. */
export function nameOf({ name, tools }: Cell): string {
  return `${name}, ${tools} tools`;
}

const CODE = `export function between(text: string, open: string, close: string): string {
  const from = text.indexOf(open);
  const to = text.indexOf(close, from + open.length);
  // "" where either is absent
  return from === -1 || to === -1 ? "" : text.slice(from + open.length, to);
}

`;

const CHINESE = "请先运行测试，然后修复登录模块里的错误：令牌过期之后没有刷新，请求被拒绝。" +
  "修改时不要改变公开的接口，并在说明里写清楚原因和影响。\n";

/** Characters of the parts of one turn. */
const TURN = { question: 400, thought: 800, command: 200, result: 3000 };

function take(text: string, from: number, length: number): string {
  const start = from % text.length;
  return text.repeat(Math.ceil((start + length) / text.length)).slice(start, start + length);
}

/**
 * The conversation and the tools of a cell as JSON: `{ prompt, tools }` as the AI SDK takes them. A
 * growing one ends with another turn for each number.
 */
export function inputOf(cell: Cell, number = 0): string {
  const text = cell.content === "chinese" ? CHINESE : CODE;
  const ofText = cell.content === "image" ? 30e3 : cell.bytes;
  const perCharacter = new TextEncoder().encode(text).length / text.length;
  const prompt: unknown[] = [{ role: "system", content: take(text, 0, 6000) }];
  if (cell.content === "image") prompt.push(imageMessage(cell.bytes));
  const ofTurn = TURN.question + TURN.thought + TURN.command + TURN.result;
  const turns = Math.max(1, Math.round((ofText / perCharacter - 6000) / ofTurn));
  for (let turn = 1; turn < turns; turn++) prompt.push(...turnOf(text, turn));
  prompt.push(...turnOf(cell.content === "growing" ? `${number} ${text}` : text, 0));
  prompt.push({ role: "user", content: [{ type: "text", text: "go on" }] });
  return JSON.stringify({ prompt, tools: Array.from({ length: cell.tools }, toolOf) });
}

function turnOf(text: string, turn: number): readonly unknown[] {
  const at = turn * 37;
  const call = { toolCallId: `bash:${turn}`, toolName: "bash" };
  const input = { command: take(text, at, TURN.command), description: "Runs it" };
  const output = { type: "text", value: take(text, at + 5, TURN.result) };
  return [
    { role: "user", content: [{ type: "text", text: take(text, at, TURN.question) }] },
    {
      role: "assistant",
      content: [
        { type: "reasoning", text: take(text, at + 3, TURN.thought) },
        { type: "tool-call", ...call, input },
      ],
    },
    { role: "tool", content: [{ type: "tool-result", ...call, output }] },
  ];
}

function imageMessage(bytes: number): unknown {
  const data = take(
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4/8/w38GIAXDI",
    0,
    bytes,
  );
  const file = { type: "file", mediaType: "image/png", data };
  return { role: "user", content: [{ type: "text", text: "what is this?" }, file] };
}

/** A tool about as large as opencode's own. */
function toolOf(_: unknown, index: number): unknown {
  const property = (type: string, name: string) => ({
    type,
    description: `The ${name} of the call, as it stands in the project; leave it out for the usual`,
  });
  const edit = {
    type: "object",
    properties: { oldString: property("string", "old text"), mode: { enum: ["one", "all"] } },
    required: ["oldString"],
    additionalProperties: false,
  };
  return {
    type: "function",
    name: `tool_${index}`,
    description: take(
      `${index}: reads or writes a file of the project, within its folder.\n`,
      0,
      900,
    ),
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        filePath: property("string", "path"),
        offset: property("number", "first line"),
        limit: property("number", "count of lines"),
        edits: { type: "array", items: edit, description: "Changes, in order" },
      },
      required: ["filePath"],
      additionalProperties: false,
    },
  };
}
