/** Stores spellings and videos in the messages of a session, and reads them there. */

import { modelFacts } from "../../../client/chat/chat_model.ts";
import { objectOf, text } from "../../../kimi/util/json.ts";
import type { Environment } from "../../../client/environment.ts";
import type { Kept } from "../../kept.ts";
import type { Provider } from "../../provider.ts";
import type { Notice } from "../../quota_notice.ts";
import { noteSpellings } from "./call_spelling.ts";
import { VIDEO_MEMBER } from "../../kept_members.ts";
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
export function useKept(kept: Kept, output: TransformOutput): void {
  noteSpellings(kept.spellings, output);
  markVideos(kept, output);
}

/** Puts the markers of videos into the messages of a request to Kimi. */
function markVideos({ videos }: Kept, { messages }: TransformOutput): void {
  const marked = (part: MessagePart): MessagePart => {
    const { url, name } = objectOf(objectOf(part.metadata)[VIDEO_MEMBER]);
    if (part.type !== "text" || typeof url !== "string" || typeof name !== "string") return part;
    return { ...part, text: videos.mark({ url, name }) };
  };
  for (const [at, message] of messages.entries()) {
    const parts = message.parts.map(marked);
    if (parts.some((part, index) => part !== message.parts[index])) {
      messages[at] = { ...message, parts };
    }
  }
}
