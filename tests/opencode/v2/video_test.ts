import { assert, assertEquals, assertMatch } from "@std/assert";
import { SERVED } from "../../support/opencode_v2/host.ts";
import type { Json } from "../../support/opencode_v2/types.ts";
import { ID, secondOf, type Stage, stage, type StageOptions } from "./stage.ts";

const CLIP = new TextEncoder().encode("\0\0\0\x18ftypisom\0\0\0\0a clip");
const DATA = `data:video/mp4;base64,${btoa(String.fromCharCode(...CLIP))}`;
const NAMED = { uri: "file:///work/clip%20a.mp4", name: "clip a.mp4" };
const NOTES = { uri: "file:///work/notes.txt", name: "notes.txt" };
const TEXT = "What is this?";

/** A stage with a login, where each file is a clip, and a session of our model. */
async function withSession(given: StageOptions = {}): Promise<Stage & { readonly read: string[] }> {
  const at = await stage(given);
  if (given.beside === undefined) await at.logIn();
  at.host.sessions.choose("ses_1", { model: { providerID: ID, id: "kimi-for-coding" } });
  const read: string[] = [];
  const readFile = (path: string) => {
    read.push(path);
    return Promise.resolve(CLIP);
  };
  return Object.assign(at, { read, environment: Object.assign(at.environment, { readFile }) });
}

const prompt = (at: Stage, files: readonly Json[], text = TEXT) =>
  at.location.prompt({ session: "ses_1", text, files });

/** The content of the first message of the last chat. */
async function content(at: Stage, text: string, question: Json = {}): Promise<unknown> {
  const outcome = await at.ask({ ...question, messages: [{ role: "user", text }] });
  assert(outcome.is === "done", JSON.stringify(outcome));
  return JSON.parse(at.fake.requestsOf("chat").at(-1)?.body ?? "").messages[0].content;
}

function uploads({ fake }: Pick<Stage, "fake">): number {
  return fake.requests.filter(({ path }) => path.endsWith("/files")).length;
}

const parts = (name: string, url: unknown) => [
  { type: "text", text: `<video path="${name}">` },
  { type: "video_url", video_url: { url, id: null } },
  { type: "text", text: "</video>" },
];

/** The address of the only upload of a stored prompt. */
function urlIn(metadata: Json | undefined, at = 0): unknown {
  return (metadata?.kimiVideo as readonly Json[] | undefined)?.[at]?.url;
}

for (const version of SERVED) {
  Deno.test(`on ${version}, a named video is uploaded, and stands in this request and in each later one`, async () => {
    await using at = await withSession({ version });
    const { text, files, metadata } = await prompt(at, [NAMED, NOTES]);
    assertEquals([at.read, uploads(at), files], [["/work/clip a.mp4"], 1, [NOTES]]);
    const url = urlIn(metadata);
    assertMatch(String(url), /^ms:\/\/./);
    assertEquals(text, `${TEXT}\n\n[Video: clip a.mp4 (${url})]`);
    const expected = [{ type: "text", text: TEXT }, ...parts("clip a.mp4", url)];
    assertEquals(await content(at, text), expected);
    await using next = await withSession({ version, ...secondOf(at) });
    assertEquals(await content(next, text), expected);
    assertEquals(await content(at, text), expected);
  });
}

Deno.test("an attached video is uploaded once for the same data, and each line has its place", async () => {
  await using at = await withSession();
  const attached = { uri: DATA, name: "clip.mp4" };
  const { text, files, metadata } = await prompt(at, [attached, NAMED], "");
  assertEquals([uploads(at), files], [1, []]);
  const [first, second] = [urlIn(metadata), urlIn(metadata, 1)];
  const expected = [...parts("clip.mp4", first), ...parts("clip a.mp4", second)];
  assertEquals(await content(at, text), expected);
  const note = "\n\nAttached file: notes.txt\n\nhello";
  assertEquals(await content(at, text + note), [...expected, { type: "text", text: note }]);
});

Deno.test("a video of a later prompt is found beside the first", async () => {
  await using at = await withSession();
  const first = await prompt(at, [NAMED]);
  await content(at, first.text);
  const second = await prompt(at, [{ uri: DATA, name: "b.mp4" }], "");
  assertEquals(await content(at, second.text), parts("b.mp4", urlIn(second.metadata)));
});

Deno.test("the request for a title has the line", async () => {
  await using at = await withSession();
  const { text } = await prompt(at, [NAMED]);
  const sent = JSON.stringify(await content(at, text, { kind: "title" }));
  assertEquals([sent.includes("[Video: clip a.mp4"), sent.includes("video_url")], [true, false]);
});

Deno.test("a line that no prompt of the session had stays a text", async () => {
  await using at = await withSession();
  const { text, metadata } = await prompt(at, [NAMED]);
  const written = `Look: [Video: x.mp4 (ms://mine)] and ${text}`;
  const sent = await content(at, written);
  assertEquals(sent, [
    { type: "text", text: `Look: [Video: x.mp4 (ms://mine)] and ${TEXT}` },
    ...parts("clip a.mp4", urlIn(metadata)),
  ]);
  assertEquals(await content(at, "[Video: x.mp4 (ms://mine)]"), "[Video: x.mp4 (ms://mine)]");
});

for (
  const [what, info, isSent] of [
    ["of another provider", { model: { providerID: "other", id: "any" } }, false],
    ["that is opencode's default", {}, true],
    ["of an agent that has none", { agent: "build" }, true],
  ] as const
) {
  Deno.test(`a video for a model ${what} is ${isSent ? "uploaded" : "left alone"}`, async () => {
    await using at = await withSession();
    at.host.sessions.choose("ses_1", info);
    const { text, files } = await prompt(at, [NAMED]);
    assertEquals([uploads(at), files.length], isSent ? [1, 0] : [0, 1]);
    assertEquals(text === TEXT, !isSent);
  });
}

Deno.test("prompts without videos are left alone, and nothing is asked of anyone", async () => {
  await using at = await withSession();
  const image = { uri: "data:image/png;base64,AAAA", name: "a.png" };
  const odd = { uri: "file:///%zz.mp4" };
  assertEquals(await prompt(at, [NOTES, image, odd]), { text: TEXT, files: [NOTES, image, odd] });
  assertEquals(await at.location.prompt({ session: "ses_1", text: TEXT }), {
    text: TEXT,
    files: [],
  });
});

Deno.test("a video that cannot be sent leaves a line that says why, and the session goes on", async () => {
  await using at = await withSession();
  const bad = { uri: "data:video/mp4;base64,AAAA" };
  const { text, metadata, files } = await prompt(at, [bad]);
  assertEquals([metadata, files], [undefined, []]);
  const [, line = ""] = text.split("\n\n");
  assertMatch(line, /^\[The video video\.mp4 was not sent: its data is no video/);
  assertEquals(await content(at, text), text);
  for (const row of at.host.table.list(ID)) at.host.signOut(row.id);
  at.write({});
  const failed = await prompt(at, [NAMED]);
  assertMatch(failed.text, /was not sent: .*auth login kimi-for-coding-oauth --method oauth/);
});

Deno.test("a login that Kimi no longer accepts leaves a line that says so", async () => {
  await using at = await withSession();
  const answer = { status: 400, body: { error: "invalid_grant" } };
  at.fake.settings.faults.push({ kind: "refresh", times: "always", answer });
  at.pass(900);
  assertMatch((await prompt(at, [NAMED])).text, /was not sent: Kimi no longer accepts the login/);
});

Deno.test("a model that watches no videos gets a line that says so", async () => {
  await using at = await withSession();
  at.host.sessions.choose("ses_1", { model: { providerID: ID, id: "k3-256k" } });
  assertMatch((await prompt(at, [NAMED])).text, /was not sent: .* watches no videos\]$/);
  assertEquals(uploads(at), 0);
});

Deno.test("contract 12: a session that cannot be read leaves the prompt as it was", async () => {
  await using at = await withSession();
  at.host.sessions.info = () => {
    throw new Error("no database");
  };
  assertEquals((await prompt(at, [NAMED])).text, TEXT);
  assertEquals(at.environment.logs.at(-1), "error: The videos are not sent: no database");
});
