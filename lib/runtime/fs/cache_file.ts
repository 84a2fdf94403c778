/** The file that keeps the account's models from one start to the next. */

import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { CacheFile } from "../../client/environment.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { makeFolders, read, unlessDenied } from "./errors.ts";
import { whileInUse } from "./retry_while_busy.ts";
import { xdgFolder } from "./xdg.ts";

/** Far more than is ever written. */
const MAX_BYTES = 4_000_000;

/** Opens the file, which need not exist. */
export function modelsFile(variables: Variables, home: string): CacheFile {
  const folder = `${xdgFolder("cache", variables, home)}/opencode-kimi-full`;
  const path = `${folder}/models.json`;
  return { path, read: () => readFrom(path), replace: (text) => replaceIn(folder, path, text) };
}

/** opencode waits for the text, and a pipe in place of the file would never end. */
async function readFrom(path: string): Promise<string | undefined> {
  const { stat } = await import("node:fs/promises");
  const found = await stat(path).catch(unlessDenied);
  if (found !== undefined && !found.isFile() && !found.isDirectory()) {
    throw new Error("it is neither a file nor a folder");
  }
  if ((found?.size ?? 0) > MAX_BYTES) throw new Error("it is larger than 4 MB");
  return await read(path);
}

/** An empty folder in its place is removed. */
async function replaceIn(folder: string, path: string, text: string): Promise<void> {
  const { rmdir } = await import("node:fs/promises");
  await makeFolders(folder);
  await rmdir(path).catch(unlessDenied);
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  await whileInUse(() => {
    // In one turn: opencode may exit at any time, and the file would stay.
    try {
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}
