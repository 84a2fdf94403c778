/**
 * Images that the service refuses. One that was sent would be refused again with each later request of
 * its conversation.
 *
 * @see https://platform.kimi.com/docs/guide/use-kimi-vision-model: no URLs, no request over 100 MB
 * @see https://github.com/MoonshotAI/kimi-cli/issues/2017: "unsupported image format: image/x-icon"
 * @module
 */

/** Source: kimi-code `agent-core-v2/src/human/llm/media/image-formats.ts`; `jpg` is what its users write. */
const TAKEN = /^data:image\/(?:png|jpe?g|gif|webp|bmp|hei[cf])[;,]/i;

/** No request may be larger, in bytes. */
export const MAX_REQUEST_BYTES = 100 * 1024 * 1024;

/**
 * Says why an image would be refused.
 *
 * @param url The URL of an `image_url` part.
 * @returns What stands in its place, or undefined for one that is sent.
 */
export function refusedImage(url: string): string | undefined {
  const [, type] = /^data:(image\/[\w.+-]+)[;,]/i.exec(url.slice(0, 100)) ?? [];
  const isRemote = /^https?:/i.test(url);
  if (!isRemote && (type === undefined || TAKEN.test(url.slice(0, 100)))) return undefined;
  return `an image ${
    isRemote ? "by its address" : `of the type ${type}`
  } was left out: Kimi takes png, ` +
    "jpeg, gif, webp, bmp, heic and heif";
}
