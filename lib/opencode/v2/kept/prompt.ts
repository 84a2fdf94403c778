/** Videos of a prompt: opencode 2.x drops what it cannot read, and a plugin sees the prompt before that. */

import { modelFacts } from "../../../client/chat/chat_model.ts";
import type { SentVideo } from "../../../client/kept/video_markers.ts";
import { messageOf } from "../../../kimi/errors/kimi_error.ts";
import { PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { objectOf, text } from "../../../kimi/util/json.ts";
import { VIDEO_MEMBER } from "../../kept_members.ts";
import { type FoundVideo, sendVideo, videoAtPath, videoInUrl } from "../../video.ts";
import type { Account } from "../account.ts";
import type { Core } from "../core.ts";
import type { HostContext, PromptEvent, PromptFile } from "../types.ts";
import { inV2Words } from "../words.ts";
import { addressedLine } from "./history.ts";

/** Uploads the videos of a prompt to one of our models, and leaves lines in its text. */
export async function sendVideosOf(
  host: HostContext,
  core: Core,
  account: Pick<Account, "follow">,
  event: PromptEvent,
): Promise<void> {
  const { environment, provider } = core;
  const files = (event.prompt.files ?? []).map((file) => ({ file, found: videoOf(core, file) }));
  if (!files.some(({ found }) => found !== undefined)) return;
  const model = await modelOf(host, event.sessionID);
  if (model.providerID !== PROVIDER_ID) return;
  const problem = await account.follow().then(() => undefined, messageOf);
  const [known] = modelFacts(text(model.id) ?? "", provider.account());
  const refusal = known?.video === false ? `${known.name} watches no videos` : problem;
  const { uploads } = await provider.kept();
  const deps = { environment, access: provider.access, uploads, notify: () => undefined };
  const lines: string[] = [];
  const videos: SentVideo[] = [];
  for (const { found } of files) {
    if (found === undefined) continue;
    const sent = await sendVideo(deps, found, refusal);
    if (typeof sent !== "string") videos.push(sent);
    lines.push(typeof sent === "string" ? inV2Words(sent) : addressedLine(sent));
  }
  event.prompt.files = files.flatMap(({ file, found }) => found === undefined ? [file] : []);
  event.prompt.text = [...event.prompt.text === "" ? [] : [event.prompt.text], ...lines].join(
    "\n\n",
  );
  if (videos.length > 0) event.metadata = { ...event.metadata, [VIDEO_MEMBER]: videos };
}

function videoOf({ environment }: Core, { uri, name }: PromptFile): FoundVideo | undefined {
  const path = pathOf(uri);
  return path === undefined ? videoInUrl(uri, name) : videoAtPath(environment, path);
}

/** The path of a `file:` URL: `/C:/clip.mp4` is one of Windows. */
function pathOf(uri: string): string | undefined {
  const url = uri.startsWith("file:") ? URL.parse(uri) : null;
  if (url === null) return undefined;
  try {
    const path = decodeURIComponent(url.pathname);
    if (url.host !== "") return `//${url.host}${path}`;
    return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
  } catch {
    return undefined;
  }
}

/** The model that a session asks: its own, its agent's, or the default one. */
async function modelOf(
  { session, agent, model }: HostContext,
  sessionID: string,
): Promise<Readonly<Record<string, unknown>>> {
  const info = dataOf(await session.get?.({ sessionID }));
  if (info.model !== undefined) return objectOf(info.model);
  const agentID = text(info.agent);
  const agents = agentID === undefined ? {} : dataOf(await agent?.get?.({ agentID }));
  return agents.model === undefined ? dataOf(await model?.default?.()) : objectOf(agents.model);
}

/** Some answers are within `{ location, data }`. */
function dataOf(answer: unknown): Readonly<Record<string, unknown>> {
  const given = objectOf(answer);
  return objectOf("data" in given ? given.data : given);
}
