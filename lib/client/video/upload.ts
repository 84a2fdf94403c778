/** Uploads videos as the chosen client does, each once. */

import { SERVICES } from "../../kimi/clients/services.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import {
  isVideo,
  MAX_VIDEO_BYTES,
  videoSuffix,
  videoTypeOf,
} from "../../kimi/services/video_type.ts";
import { parseObject, text } from "../../kimi/util/json.ts";
import { accountId } from "../../kimi/util/jwt.ts";
import { askService, type ServiceAccess } from "../tools/service.ts";

/** Source of the time limit: the openai library of kimi-cli 1.51.0. */
const UPLOAD = { doing: "Video", path: "/files", accept: "application/json", timeout: 600_000 };

/** URLs of uploads by the account and the digest of their data: an account cannot use another one's. */
export type Uploads = Map<string, Promise<string>>;

/** Uploads a video, unless the same data was uploaded before; returns `ms://` and the id of the file. */
export async function uploadVideo(
  access: ServiceAccess,
  uploads: Uploads,
  name: string,
  data: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const type = videoTypeOf(name);
  if (type === undefined || !isVideo(data)) {
    throw new TypeError("its data is no video that Kimi takes");
  }
  if (data.length > MAX_VIDEO_BYTES) throw new RangeError("it is larger than 100 MB");
  const { access: token } = await access.tokens.current();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data)).join();
  const key = `${accountId(token)} ${digest}`;
  const known = uploads.get(key) ?? upload(access, data, type);
  uploads.set(key, known);
  known.catch(() => uploads.delete(key));
  return await known;
}

async function upload(
  access: ServiceAccess,
  data: Uint8Array<ArrayBuffer>,
  type: string,
): Promise<string> {
  const body = new FormData();
  for (const field of SERVICES[access.client].uploadFields) {
    if (field === "purpose") body.append(field, "video");
    else body.append(field, new Blob([data], { type }), `upload.${videoSuffix(type)}`);
  }
  const answer = await askService(access, { ...UPLOAD, body }, { id: "" });
  const id = text(parseObject(answer)?.id);
  if (id === undefined) {
    throw new KimiError("invalid_answer", "Video: the answer has no file id");
  }
  return `ms://${id}`;
}
