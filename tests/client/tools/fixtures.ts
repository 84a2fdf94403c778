import type { ServiceAccess } from "../../../lib/client/tools/service.ts";
import { credentialFromTokens } from "../../../lib/client/tokens/credential.ts";
import { createTokenManager } from "../../../lib/client/tokens/token_manager.ts";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import type { ClientName } from "../../../lib/kimi/identity/constants.ts";
import { type FakeEnvironment, fakeEnvironment } from "../../support/environment.ts";
import { type FakeKimi, startFakeKimi } from "../../support/fake/kimi.ts";
import { memoryStore } from "../fixtures.ts";

/** The plan's services behind a fake Kimi. */
export interface Services extends AsyncDisposable {
  readonly kimi: FakeKimi;
  readonly access: ServiceAccess;
  readonly environment: FakeEnvironment;
}

/** Starts a fake Kimi, and logs a client in at it. */
export async function startServices(client: ClientName = "kimi-cli"): Promise<Services> {
  const kimi = await startFakeKimi({ identity: client });
  const { access_token: accessToken, refresh_token: refreshToken } = kimi.issueTokens();
  const environment = Object.assign(fakeEnvironment(), { fetch: globalThis.fetch });
  environment.time = Date.now();
  const hosts = { oauth: kimi.url, api: kimi.apiBase };
  const credential = credentialFromTokens({ accessToken, refreshToken }, environment.time, hosts);
  const tokens = createTokenManager(environment, memoryStore(credential), {
    hosts: () => hosts,
    client,
    memory: createRefreshMemory(),
  });
  const access = { environment, tokens, client, api: () => kimi.apiBase };
  return { kimi, access, environment, [Symbol.asyncDispose]: () => kimi.close() };
}

/** A site on a free port, which answers each request the same way. */
export function startSite(answer: () => Response): AsyncDisposable & { readonly url: string } {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, answer);
  const url = `http://127.0.0.1:${server.addr.port}/page`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}
