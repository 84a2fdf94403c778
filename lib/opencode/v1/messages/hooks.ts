/** What is kept with the messages of a session: the spelling of tool calls, and the addresses of videos. */

import { modelFacts } from "../../../client/chat/chat_model.ts";
import { lazy } from "../../../client/net/lazy_import.ts";
import type { Environment } from "../../../client/environment.ts";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { objectOf, text } from "../../../kimi/util/json.ts";
import type { Provider } from "../../provider.ts";
import type { Notice } from "../../quota_notice.ts";
import { keepSpelling, noteSpellings } from "./call_spelling.ts";
import { VIDEO_MEMBER } from "./kept_members.ts";
import type { ChatMessageOutput, Hooks, MessagePart, TransformOutput } from "../types.ts";

/** What the hooks depend on. */
export interface MessageHookDeps {
  readonly environment: Environment;
  readonly provider: Provider;
  readonly notify: (notice: Notice) => Promise<unknown> | undefined;
  /** Runs something, and logs what it throws. */
  readonly safely: (problem: string, work: () => void | Promise<void>) => Promise<void>;
}

const videoPart = lazy("Video", () => import("./video.ts"));

/** Makes the hooks. */
export function messageHooks(
  deps: MessageHookDeps,
): Pick<Hooks, "chat.message" | "tool.execute.after" | "experimental.chat.messages.transform"> {
  const { provider, safely } = deps;
  return {
    "chat.message": (_input, output) =>
      safely("The videos are not sent", () => withVideosSent(deps, output)),
    "tool.execute.after": (input, output) =>
      safely(
        "The spelling of a tool call is lost",
        () => keepSpelling(provider.kept.spellings, input, output),
      ),
    "experimental.chat.messages.transform": (_input, output) =>
      safely("What was kept of a session is lost", () => {
        noteSpellings(provider.kept.spellings, output);
        markVideos(provider, output);
      }),
  };
}

async function withVideosSent(
  { environment, provider, notify }: MessageHookDeps,
  { message, parts }: ChatMessageOutput,
): Promise<void> {
  const { providerID, modelID } = objectOf(message.model);
  if (providerID !== PROVIDER_ID || !parts.some(mayBeVideo)) return;
  const [known] = modelFacts(text(modelID) ?? "", provider.account());
  const { sendVideos } = await videoPart();
  const { access, kept: { uploads } } = provider;
  const refusal = known?.video === false ? `${known.name} watches no videos` : undefined;
  await sendVideos({ environment, access, uploads, notify }, parts, refusal);
}

/** Whether a part is a file, or what opencode writes about one. */
function mayBeVideo(
  { type, mime, synthetic }: TransformOutput["messages"][0]["parts"][0],
): boolean {
  return synthetic === true || (type === "file" && /^video\//i.test(String(mime)));
}

/** Puts the markers of videos into the messages of a request to Kimi. */
function markVideos({ kept: { videos } }: Provider, { messages }: TransformOutput): void {
  const last = messages.findLast(({ info }) => info.role === "user");
  if (objectOf(last?.info.model).providerID !== PROVIDER_ID) return;
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
