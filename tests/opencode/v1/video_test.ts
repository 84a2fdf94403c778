import { assert, assertEquals, assertMatch } from "@std/assert";
import type { MessagePart } from "../../../lib/opencode/v1/types.ts";
import type { Answer } from "../../support/environment.ts";
import {
  body,
  ID,
  oauthEntry,
  type Plugin,
  plugin,
  type PluginChanges,
  started,
} from "./fixtures.ts";

const CLIP = new TextEncoder().encode("\0\0\0\x18ftypisom\0\0\0\0a clip");
const URL_OF_CLIP = `data:video/mp4;base64,${btoa(String.fromCharCode(...CLIP))}`;
const MODEL = { providerID: ID, modelID: "kimi-for-coding" };
const IDS = { id: "prt_1", messageID: "msg_1", sessionID: "ses_1" };

const ATTACHED: MessagePart = {
  ...IDS,
  type: "file",
  mime: "video/mp4",
  filename: "clip.mp4",
  url: URL_OF_CLIP,
};

function line(text: string): MessagePart {
  return { ...IDS, type: "text", synthetic: true, text };
}

/** What opencode makes of `@clip.mp4`. */
const NAMED = [
  line('Called the Read tool with the following input: {"filePath":"/work/clip.mp4"}'),
  line("Read tool failed to read /work/clip.mp4 with the following error: Cannot read binary file"),
];
const QUESTION: MessagePart = { ...IDS, id: "prt_2", type: "text", text: "What is this?" };

const SENT = {
  ...IDS,
  type: "text",
  synthetic: true,
  text: "[Video: clip.mp4]",
  metadata: { kimiVideo: { url: "ms://file-1", name: "clip.mp4" } },
};

const takes: Answer = ({ url }) => Response.json(url.endsWith("/files") ? { id: "file-1" } : {});

async function login(changes: PluginChanges = {}): Promise<Plugin> {
  const made = plugin({ answer: takes, ...changes });
  await started(made);
  return Object.assign(made, {
    environment: Object.assign(made.environment, { readFile: () => Promise.resolve(CLIP) }),
  });
}

/** The parts of a message, after the hook. */
async function hooked(
  made: Plugin,
  parts: readonly MessagePart[],
  model: unknown = MODEL,
): Promise<readonly MessagePart[]> {
  const output = { message: { model }, parts: [...parts] };
  await made.hooks["chat.message"]({}, output);
  return output.parts;
}

function uploads({ environment }: Plugin): number {
  return environment.sent.filter(({ url }) => url.endsWith("/files")).length;
}

Deno.test("chat.message uploads an attached video, and leaves a line in its place", async () => {
  const made = await login();
  assertEquals(await hooked(made, [ATTACHED, QUESTION]), [SENT, QUESTION]);
  assertEquals(uploads(made), 1);
});

Deno.test("chat.message uploads a file that opencode could not read, and the same data once", async () => {
  const made = await login();
  assertEquals(await hooked(made, [...NAMED, QUESTION, ...NAMED]), [SENT, QUESTION, SENT]);
  assertEquals(uploads(made), 1);
});

Deno.test("chat.message leaves other parts alone, and messages to other models", async () => {
  const made = await login();
  const others = [
    line('Called the Read tool with the following input: {"filePath":"/work/a.txt"}'),
    line("the text"),
    line('Called the Read tool with the following input: {"filePath":"/work/clip.mp4"}'),
    { ...ATTACHED, mime: "image/png", url: "data:image/png;base64,AAAA" },
    QUESTION,
  ];
  assertEquals(await hooked(made, others), others);
  for (const model of [{ ...MODEL, providerID: "plain" }, null]) {
    assertEquals(await hooked(made, [ATTACHED, QUESTION], model), [ATTACHED, QUESTION]);
  }
  assertEquals(uploads(made), 0);
});

for (
  const [what, changes, parts, model, reason] of [
    [
      "the service fails",
      { answer: () => new Response("{}", { status: 500 }) },
      [ATTACHED],
      MODEL,
      "Video: ",
    ],
    ["nobody is logged in", { entry: undefined }, [ATTACHED], MODEL, "Not logged in"],
    [
      "its data is none",
      {},
      [{ ...ATTACHED, url: "data:video/mp4;base64,AAAA" }],
      MODEL,
      "its data is no video",
    ],
    [
      "the model watches none",
      {},
      [ATTACHED],
      { ...MODEL, modelID: "k3-256k" },
      "Kimi K3-256K watches no videos",
    ],
  ] as const
) {
  Deno.test(`chat.message leaves a line that says why no video was sent: ${what}`, async () => {
    const made = await login(changes);
    const [part, ...others] = await hooked(made, [...parts, QUESTION], model);
    assertEquals(others, [QUESTION]);
    assertEquals([part?.type, part?.metadata, part?.id], ["text", undefined, "prt_1"]);
    assertMatch(String(part?.text), /^\[The video clip\.mp4 was not sent: /);
    assert(String(part?.text).includes(reason), String(part?.text));
  });
}

/** The content of the user's message in a request to a model. */
async function asked(
  made: Plugin,
  providerID: string,
  stored: MessagePart = SENT,
): Promise<unknown> {
  const message = {
    info: { role: "user", sessionID: "ses_1", model: { ...MODEL, providerID } },
    parts: [structuredClone(stored), { ...QUESTION }],
  };
  const output = { messages: [message] };
  await made.hooks["experimental.chat.messages.transform"]({}, output);
  assertEquals(message.parts[0], stored);
  const content = (output.messages[0]?.parts ?? []).map(({ text }) => ({ type: "text", text }));
  const { transformRequestBody } = await started(made);
  const sent = transformRequestBody(body({ messages: [{ role: "user", content }] }));
  return JSON.parse(JSON.stringify(sent)).messages[0].content;
}

Deno.test("contract 6: a stored video has the same place and bytes in each request, in each process", async () => {
  const first = await login();
  const expected = [
    { type: "text", text: '<video path="clip.mp4">' },
    { type: "video_url", video_url: { url: "ms://file-1", id: null } },
    { type: "text", text: "</video>" },
    { type: "text", text: "What is this?" },
  ];
  for (const made of [first, first, await login()]) assertEquals(await asked(made, ID), expected);
});

Deno.test("the request for a title has the line, and nothing of the video", async () => {
  const made = await login();
  const messages = [{ info: { role: "user", model: MODEL }, parts: [structuredClone(SENT)] }];
  await made.hooks["experimental.chat.messages.transform"]({}, { messages });
  const options: Record<string, unknown> = {};
  const provider = { id: ID };
  await made.hooks["chat.params"](
    { sessionID: "ses_1", agent: "title", model: { providerID: ID, id: MODEL.modelID }, provider },
    { options },
  );
  const { transformRequestBody } = await started(made);
  const content = messages[0]?.parts[0]?.text;
  const sent = transformRequestBody(body({ ...options, messages: [{ role: "user", content }] }));
  const text = JSON.stringify(sent);
  assertMatch(text, /\[Video: clip\.mp4\]/);
  assertEquals(/ms:|kimi_text_only|kimi-video/.test(text), false);
});

Deno.test("a stored video is a line of text for another provider's model", async () => {
  const text = [{ type: "text", text: "[Video: clip.mp4]" }, {
    type: "text",
    text: "What is this?",
  }];
  assertEquals(await asked(await login(), "plain"), text);
});

Deno.test("a stored video of another account is a line of text, and the session goes on", async () => {
  const access = `e30.${btoa(JSON.stringify({ user_id: "u1" }))}.s`;
  const made = await login({ entry: oauthEntry(900, { access }) });
  const [sent] = await hooked(made, [ATTACHED]);
  const ofAccount = (account: string) => ({
    ...SENT,
    metadata: { kimiVideo: { url: "ms://file-1", name: "clip.mp4", account } },
  });
  assertEquals(sent, ofAccount("u1"));
  assertMatch(JSON.stringify(await asked(made, ID, ofAccount("u1"))), /ms:\/\/file-1/);
  assertEquals(await asked(made, ID, ofAccount("u2")), [
    { type: "text", text: "[Video: clip.mp4]" },
    { type: "text", text: "What is this?" },
  ]);
});
