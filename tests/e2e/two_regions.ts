/**
 * Both regions of Kimi under their own names: the program under test reaches `auth.kimi.com`,
 * `api.kimi.ai` and so on through a proxy, behind which each region has a fake of its own.
 *
 * @module
 */
import { join } from "@std/path";
import { type FakeKimi, startFakeKimi } from "../support/fake/kimi.ts";
import type { FakeSettings } from "../support/fake/types.ts";
import { certificateFor } from "../support/certificate.ts";

const REGIONS = ["com", "ai"] as const;
const HOSTS = REGIONS.flatMap((region) => [`auth.kimi.${region}`, `api.kimi.${region}`]);

/** Two running regions. */
export interface TwoRegions extends AsyncDisposable {
  readonly com: FakeKimi;
  readonly ai: FakeKimi;
  /** Variables that direct a program to them. */
  readonly env: Readonly<Record<string, string>>;
  /** Host and path of each request. */
  readonly asked: readonly string[];
  /** Other hosts that a connection was requested to; none is made. */
  readonly foreign: readonly string[];
}

/** Starts both regions, each with its own settings. */
export async function startTwoRegions(
  settings: Readonly<Record<"com" | "ai", Partial<FakeSettings>>>,
): Promise<TwoRegions> {
  await using opened = new AsyncDisposableStack();
  const com = opened.use(await startFakeKimi(settings.com));
  const ai = opened.use(await startFakeKimi(settings.ai));
  const asked: string[] = [];
  const foreign: string[] = [];
  const { key, cert } = certificateFor(HOSTS);
  const options = { port: 0, hostname: "127.0.0.1", key, cert, onListen() {} };
  const front = Deno.serve(options, async (request) => {
    const { hostname, pathname, search } = new URL(request.url);
    asked.push(`${hostname} ${pathname}`);
    const fake = hostname.endsWith(".ai") ? ai : com;
    const { method, headers } = request;
    const body = request.body === null ? null : await request.arrayBuffer();
    const url = `${fake.url}${pathname}${search}`;
    return await fetch(url, { method, headers, body, redirect: "manual" });
  });
  opened.defer(() => front.shutdown());
  const proxy = opened.adopt(
    Deno.listen({ port: 0, hostname: "127.0.0.1" }),
    (listener) => listener.close(),
  );
  void tunnel(proxy, front.addr.port, foreign);
  const folder = await Deno.makeTempDir({ prefix: "kimi-regions-" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  const ca = join(folder, "ca.pem");
  await Deno.writeTextFile(ca, cert);
  const url = `http://127.0.0.1:${proxy.addr.port}`;
  const env = {
    ...{ HTTPS_PROXY: url, https_proxy: url, NO_PROXY: "127.0.0.1,localhost" },
    ...{ NODE_EXTRA_CA_CERTS: ca, KIMI_CODE_OAUTH_HOST: "", KIMI_CODE_BASE_URL: "" },
  };
  const kept = opened.move();
  return { com, ai, env, asked, foreign, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Answers CONNECT: tunnels to a host of Kimi, and refuses others. */
async function tunnel(listener: Deno.TcpListener, port: number, foreign: string[]): Promise<void> {
  for await (const client of listener) {
    void connect(client, port, foreign).catch(() => client.close());
  }
}

async function connect(client: Deno.TcpConn, port: number, foreign: string[]): Promise<void> {
  const bytes = new Uint8Array(4096);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const read = await client.read(bytes);
    if (read === null) return client.close();
    head += new TextDecoder().decode(bytes.subarray(0, read));
  }
  const host = /^CONNECT ([^:\s]+)/.exec(head)?.[1] ?? head.split("\r\n", 1)[0] ?? "";
  const answer = HOSTS.includes(host) ? "200 Connection established" : "502 Bad Gateway";
  await client.write(new TextEncoder().encode(`HTTP/1.1 ${answer}\r\n\r\n`));
  if (!HOSTS.includes(host)) {
    foreign.push(host);
    return client.close();
  }
  const front = await Deno.connect({ port, hostname: "127.0.0.1" });
  const there = client.readable.pipeTo(front.writable);
  const back = front.readable.pipeTo(client.writable);
  await Promise.allSettled([there, back]);
}
