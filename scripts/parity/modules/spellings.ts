/** Arguments of tool calls as models spell them: kimi-cli sends them letter by letter, and opencode keeps only the value. */

import type { Conversation } from "./generate.ts";

/** Texts that differ from what `JSON.stringify` writes for their values. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "spaces": '{ "command" : "ls" , "timeout" : 120000 }',
  "lines": '\n{\r\n\t"command": "ls"\n}\n',
  "nothing": "{ }",
  "escapes": String.raw`{"path":"a\/b","text":"\u8bf7\u0041 \uD83D\uDE00 \u007f"}`,
  "lone surrogate": String.raw`{"text": "half \ud83d of it"}`,
  "separators": '{"text": "\u2028 \u2029 \u007f \u0085"}',
  "floats": '{"a":1.0,"b":-0.0,"c":1e3,"d":1E-7,"e":0.10,"f":-0}',
  "large numbers": '{"a":12345678901234567890,"b":0.1234567890123456789,"c":1e21}',
  "equal keys": '{"path":"a","path":"b","deep":{"x":1,"x":{"y":2}}}',
  "order of keys": '{"b":0,"10":1,"9":2,"":3}',
  "text of an object": String.raw`{"json": "{\"a\": 1.0}"}`,
};

/** One conversation for each spelling, one with all of them, and one whose calls have equal values. */
export function spellingCases(): readonly Conversation[] {
  const all = Object.entries(SPELLINGS);
  return [
    ...all.map(([name, spelled]) => conversation(name, [spelled])),
    conversation("all in one answer", all.map(([, spelled]) => spelled)),
    conversation("beside plain ones", ['{"a":1}', '{"a": 1}', '{"a":1}', "{}"]),
  ];
}

function conversation(name: string, spellings: readonly string[]): Conversation {
  const calls = spellings.map((spelled, index) => (
    { id: `bash:${index}`, name: "bash", args: JSON.parse(spelled), spelled }
  ));
  return {
    ...{ name, session: "ses_spelled", effort: "default", context: 2_048, tools: [] },
    messages: [
      { role: "user", text: "hello" },
      { role: "assistant", think: "look", calls },
      ...calls.map(({ id, name }) => ({ role: "tool" as const, id, name, text: "a b" })),
    ],
  };
}
