/** Recognises images that the service refuses. */

/** Source: kimi-code `agent-core-v2/src/human/llm/media/image-formats.ts`; `jpg` is common too. */
const ACCEPTED = /^data:image\/(?:png|jpe?g|gif|webp|bmp|hei[cf])[;,]/i;

/**
 * The largest request in bytes.
 *
 * @see https://platform.kimi.com/docs/guide/use-kimi-vision-model: no URLs, no request over 100 MB
 */
export const MAX_REQUEST_BYTES = 100 * 1024 * 1024;

/**
 * Returns the text that replaces a refused image, or `undefined` if the image is accepted. A refused
 * image that is sent makes the service refuse every later request of the conversation.
 *
 * @see https://github.com/MoonshotAI/kimi-cli/issues/2017: "unsupported image format: image/x-icon"
 */
export function refusedImage(url: string): string | undefined {
  const [, type] = /^data:(image\/[\w.+-]+)[;,]/i.exec(url.slice(0, 100)) ?? [];
  const isRemote = /^https?:/i.test(url);
  if (!isRemote && (type === undefined || ACCEPTED.test(url.slice(0, 100)))) return undefined;
  const what = isRemote ? "an image given by URL" : `an image of the type ${type}`;
  return `${what} was left out: Kimi accepts png, jpeg, gif, webp, bmp, heic and heif`;
}
