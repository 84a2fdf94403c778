/** Stores spellings and videos in the messages of a session, and reads them there. */

import { modelFacts } from "../../../client/chat/chat_model.ts";
import { objectOf, text } from "../../../kimi/util/json.ts";
import type { Environment } from "../../../client/environment.ts";
import type { SentVideo } from "../../../client/kept/video_markers.ts";
import type { Provider } from "../../provider.ts";
import type { Notice } from "../../quota_notice.ts";
import { noteSpellings } from "./call_spelling.ts";
import { VIDEO_MEMBER } from "../../kept_members.ts";
import { createVideoJudge } from "../../video.ts";
import { sendVideos } from "./video.ts";
import type { ChatMessageOutput, MessagePart, TransformOutput } from "../types.ts";

export { keepSpelling } from "./call_spelling.ts";

/** What the hooks depend on. */
export interface MessageHookDeps {
  readonly environment: Environment;
  readonly provider: Provider;
  readonly notify: (notice: Notice) => Promise<unknown> | undefined;
  /** Runs something, and logs what it throws. */
  readonly safely: (problem: string, work: () => void | Promise<void>) => Promise<void>;
}

/** Uploads the videos of a message to one of our models. */
export async function withVideosSent(
  { environment, provider, notify }: MessageHookDeps,
  { message, parts }: ChatMessageOutput,
): Promise<void> {
  if (!parts.some(mayBeVideo)) return;
  const { modelID } = objectOf(message.model);
  const [known] = modelFacts(text(modelID) ?? "", provider.account());
  const { uploads } = await provider.kept();
  const { access } = provider;
  const refusal = known?.video === false ? `${known.name} watches no videos` : undefined;
  await sendVideos({ environment, access, uploads, notify }, parts, refusal);
}

/** Whether a part is a file, or what opencode writes about one. */
function mayBeVideo(
  { type, mime, synthetic }: TransformOutput["messages"][0]["parts"][0],
): boolean {
  return synthetic === true || (type === "file" && /^video\//i.test(String(mime)));
}

/** Uses what was kept in the messages of a request to Kimi. */
export async function useKept(provider: Provider, output: TransformOutput): Promise<void> {
  const { spellings, videos } = await provider.kept();
  noteSpellings(spellings, output);
  if (!output.messages.some(({ parts }) => parts.some((part) => videoIn(part) !== undefined))) {
    return;
  }
  const canShow = await createVideoJudge(provider.tokens);
  markVideos(output, (video) => canShow(video) ? videos.mark(video) : undefined);
}

/** The video that a part stands for. */
function videoIn({ type, metadata }: MessagePart): SentVideo | undefined {
  const { url, name, account } = objectOf(objectOf(metadata)[VIDEO_MEMBER]);
  if (type !== "text" || typeof url !== "string" || typeof name !== "string") return undefined;
  return { url, name, ...(typeof account === "string" ? { account } : {}) };
}

/** Puts the markers of videos into the messages of a request to Kimi. */
function markVideos(
  { messages }: TransformOutput,
  markerOf: (video: SentVideo) => string | undefined,
): void {
  const marked = (part: MessagePart): MessagePart => {
    const video = videoIn(part);
    const text = video && markerOf(video);
    return text === undefined ? part : { ...part, text };
  };
  for (const [at, message] of messages.entries()) {
    const parts = message.parts.map(marked);
    if (parts.some((part, index) => part !== message.parts[index])) {
      messages[at] = { ...message, parts };
    }
  }
}
