/** A store over a real auth.json, and another opencode, which writes the whole of it in place. */

import { assert, assertEquals } from "@std/assert";
import { type Credential, toAuthEntry } from "../../../../lib/client/tokens/credential.ts";
import type { SharedFile } from "../../../../lib/client/environment.ts";
import type { LoginStore } from "../../../../lib/client/tokens/login_store.ts";
import { createOpencodeStore } from "../../../../lib/opencode/v1/credential_store.ts";
import { sharedAuthFile } from "../../../../lib/runtime/fs/atomic_file.ts";
import { login } from "../../../client/fixtures.ts";
import { type FakeEnvironment, fakeEnvironment } from "../../../support/environment.ts";
import { ID } from "../fixtures.ts";

/** The login of another provider, which stands in auth.json from the beginning. */
export const OTHER = { type: "api", key: "kept" };

/** A store over a real auth.json, and another opencode. */
export interface Opencode {
  readonly environment: FakeEnvironment;
  readonly store: Required<LoginStore>;
  readonly file: SharedFile;
  /** Puts a login, or none, into the file as another opencode does that had read it long ago. */
  readonly overwrite: (credential: Credential | undefined) => void;
  /** The refresh token that is stored now. */
  readonly kept: () => string | undefined;
}

interface Changes {
  readonly variable?: Credential;
}

/** Runs a test with a store over a real auth.json in a folder of its own, which ends as it began. */
export async function inFolder(
  { variable }: Changes,
  run: (opencode: Opencode) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "kimi-store-" });
  try {
    const file = await sharedAuthFile(folder);
    assert(file !== undefined);
    const content = JSON.stringify(variable && { [ID]: toAuthEntry(variable) });
    const variables = variable === undefined ? {} : { OPENCODE_AUTH_CONTENT: content };
    const environment = fakeEnvironment({ variables });
    const parts = { ...environment, authFile: () => Promise.resolve(file) };
    const entries = () => JSON.parse(Deno.readTextFileSync(file.path));
    const write = (all: unknown) => Deno.writeTextFileSync(file.path, JSON.stringify(all, null, 2));
    const set = () => Promise.reject(new Error("opencode would write over the others' logins"));
    const getAuth = () => Promise.resolve(variable ? toAuthEntry(variable) : entries()[ID]);
    const opencode: Opencode = {
      environment,
      store: createOpencodeStore(parts, { auth: { set } }, getAuth),
      file,
      overwrite: (credential) =>
        write({ other: OTHER, ...(credential && { [ID]: toAuthEntry(credential) }) }),
      kept: () => entries()[ID]?.refresh,
    };
    opencode.overwrite(login());
    await run(opencode);
    assertEquals(entries().other, OTHER, "the other entry is kept");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names, ["auth.json"], "nothing else remains");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
