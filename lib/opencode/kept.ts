/** What a host keeps with its sessions, as far as this process knows it. */

import type { KeptForChat } from "../client/chat/chat_options.ts";
import { createSpellings, type Spellings } from "../client/kept/spellings.ts";
import type { Environment } from "../client/environment.ts";
import { createVideoMarkers, type VideoMarkers } from "../client/kept/video_markers.ts";
import type { Uploads } from "../client/video/upload.ts";

/** Spellings of tool-call arguments, and videos. */
export interface Kept {
  readonly spellings: Spellings;
  readonly videos: VideoMarkers;
  readonly uploads: Uploads;
  readonly forChat: KeptForChat;
}

/** Creates an empty one for one instance of a host. */
export function createKept({ randomUUID }: Pick<Environment, "randomUUID">): Kept {
  const spellings = createSpellings();
  const videos = createVideoMarkers(randomUUID());
  const forChat = { prepare: videos.place, spelled: spellings.of, onAnswer: spellings.answer };
  return { spellings, videos, uploads: new Map(), forChat };
}
