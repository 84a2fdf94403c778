/** Conversations as opencode may hold them, and as it should not. */

import fc from "fast-check";
import { mostly, text, value } from "./values.ts";

const IMAGES = [
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAE=",
  "data:image/png;base64,/9j/4AAQSkZJRgABAQAAAQABAAA=",
  "data:image/jpg;base64,/9j/4AAQSkZJRgABAQAAAQABAAA=",
  "data:image/png;base64,PCFkb2N0eXBlIGh0bWw+",
  "data:image/avif;base64,AAAAHGZ0eXBhdmlm",
  "data:image/heif;base64,AAAAHGZ0eXBoZWlj",
  "data:image/png;base64,",
  "data:image/png,iVBORw0KGgo",
  "data:image/PNG;name=a.png;base64,iVBORw0KGgoAAAANSUhEUgAAAAE=",
  "data:;base64,iVBORw0KGgo=",
  "data:image/svg+xml;base64,PHN2Zz4=",
  "https://images.example/a.png",
  "ms://file-1",
  "file:///tmp/a.png",
  "",
];

const textPart = fc.record({ type: fc.constant("text"), text: mostly(text) });
const imagePart = fc.record({
  type: fc.constant("image_url"),
  image_url: mostly(fc.record({ url: mostly(fc.constantFrom(...IMAGES), 20) })),
});
const otherPart = fc.record({
  type: mostly(fc.constantFrom("input_audio", "audio_url", "video_url", "file", "refusal")),
  audio_url: value,
  video_url: fc.constant({ url: "ms://file-2" }),
  text: value,
}, { requiredKeys: ["type"] });
const part = fc.oneof(
  { weight: 6, arbitrary: textPart },
  { weight: 3, arbitrary: imagePart },
  otherPart,
  value,
);
const content = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 3, arbitrary: fc.array(part, { maxLength: 3 }) },
  fc.constantFrom("Attached image(s) from tool result:"),
  value,
);

const IDS = ["bash:0", "bash:1", "", "call_2", "bash:0_2", "x".repeat(70), "\ud83d".repeat(80)];
const id = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...IDS) }, text);

/** Names of tools. */
export const toolName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("bash", "read", "21st_list_parts", "文档_list", "a".repeat(90), "$web_search"),
  fc.constantFrom("", "$", "_", "a b", "t_1_0", "__proto__", "$ $", "$".repeat(70)),
  text,
);

const ARGUMENTS = [
  "{}",
  '{"a":1}',
  '"ls"',
  "null",
  "[]",
  '{"a":',
  "{}}",
  "",
  " {} ",
  "{'a':1}",
  "1",
];
const call = fc.record({
  id: mostly(id, 20),
  type: mostly(fc.constant("function"), 20),
  function: mostly(
    fc.record({
      name: mostly(toolName, 20),
      arguments: mostly(fc.oneof(fc.constantFrom(...ARGUMENTS), text), 20),
    }, { requiredKeys: ["name"] }),
    20,
  ),
}, { requiredKeys: ["id", "function"] });

const user = fc.record({ role: fc.constant("user"), content });
const assistant = fc.record({
  role: fc.constant("assistant"),
  content,
  reasoning_content: mostly(text),
  tool_calls: mostly(fc.array(mostly(call, 20), { maxLength: 3 }), 12),
}, { requiredKeys: ["role"] });
const result = fc.record({ role: fc.constant("tool"), content, tool_call_id: mostly(id, 20) }, {
  requiredKeys: ["role"],
});
const odd = fc.record({
  role: mostly(fc.constantFrom("developer", "function", "system")),
  content,
  name: value,
}, { requiredKeys: [] });

/** A message of any kind. */
export const message: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: user },
  { weight: 6, arbitrary: assistant },
  { weight: 5, arbitrary: result },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: value },
);
