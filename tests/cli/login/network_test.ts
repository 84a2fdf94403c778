/** `login` prints the same network errors under each runtime. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { lookup } from "node:dns/promises";
import { login } from "../../../lib/cli/login/login.ts";
import { runProcess } from "../../support/process.ts";
import { denoArguments, environmentOf, type Home, makeHome, ROOT } from "../process.ts";
import { buildProgram, RUNTIMES } from "../program.ts";

const program = await buildProgram();
globalThis.addEventListener("unload", program.remove);

/** Servers on this machine. */
interface Servers extends AsyncDisposable {
  /** The URL of a closed port. */
  readonly closed: string;
  /** Undefined if no certificate can be created. */
  readonly tls: string | undefined;
  /** Answers each request with 407. */
  readonly proxy: string;
}

async function startServers(folder: string): Promise<Servers> {
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  closed.close();
  const proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const refusing = refuse(proxy);
  const certificate = await makeCertificate(folder);
  const quiet = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const tls = certificate && Deno.serve({ ...quiet, ...certificate }, () => new Response("hello"));
  return {
    closed: `http://127.0.0.1:${closed.addr.port}`,
    proxy: `http://127.0.0.1:${proxy.addr.port}`,
    tls: tls && `https://127.0.0.1:${tls.addr.port}`,
    async [Symbol.asyncDispose]() {
      proxy.close();
      await Promise.all([refusing, tls?.shutdown()]);
    },
  };
}

async function refuse(listener: Deno.TcpListener): Promise<void> {
  const answer = "HTTP/1.1 407 Proxy Authentication Required\r\n" +
    'Proxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
  for await (const connection of listener) {
    await connection.read(new Uint8Array(4096)).catch(() => {});
    await connection.write(new TextEncoder().encode(answer)).catch(() => {});
    connection.close();
  }
}

async function makeCertificate(folder: string): Promise<{ key: string; cert: string } | undefined> {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  const args = ["req", ...kind, "-keyout", key, "-out", cert];
  try {
    const { code } = await runProcess("openssl", { args, timeout: 30_000 });
    if (code !== 0) return undefined;
  } catch {
    return undefined;
  }
  return { key: await Deno.readTextFile(key), cert: await Deno.readTextFile(cert) };
}

/** A network fault. */
interface Way {
  /** Variables that cause it; undefined if it cannot be caused here. */
  readonly variables: (servers: Servers) => Readonly<Record<string, string>> | undefined;
  readonly said: RegExp;
  /** Whether it affects a runtime. */
  readonly concerns?: (runtime: string) => boolean;
  /** The command that starts the runtime. */
  readonly through?: readonly string[];
}

const UNKNOWN = "auth.kimi.invalid";
const OFFLINE = "cannot be reached: this machine is offline: connect it";

/** RFC 6761 reserves `invalid`; without a name server, its lookup fails for another reason. */
const answers = await lookup(UNKNOWN).then(() => true, ({ code }) => code === "ENOTFOUND");

const WAYS: Readonly<Record<string, Way>> = {
  "a closed port": {
    variables: ({ closed }) => ({ KIMI_CODE_OAUTH_HOST: closed }),
    said: /^error: Login: 127\.0\.0\.1:\d+ refuses connections: check the host, the firewall/m,
  },
  "an unknown name": {
    variables: () => ({ KIMI_CODE_OAUTH_HOST: `https://${UNKNOWN}` }),
    said: new RegExp(
      `^error: Login: ${UNKNOWN} ${
        answers ? "is not known to the name server: check the host's" : OFFLINE
      }`,
      "m",
    ),
  },
  "a certificate that is not trusted": {
    variables: ({ tls }) => tls === undefined ? undefined : { KIMI_CODE_OAUTH_HOST: tls },
    said: /^error: Login: 127\.0\.0\.1:\d+ could not prove its identity \(TLS\): check the clock/m,
  },
  "a proxy that wants a login": {
    variables: ({ proxy }) => ({
      KIMI_CODE_OAUTH_HOST: "",
      HTTPS_PROXY: proxy,
      NODE_USE_ENV_PROXY: "1",
    }),
    said:
      /^error: Login: auth\.kimi\.com cannot be reached: the proxy asks for a password \(407\): put/m,
    // Node heeds HTTPS_PROXY from 22.21 on.
    concerns: (runtime) => !/^Node (?:of|20)/.test(runtime),
  },
  "a machine that is offline": {
    variables: () => ({ KIMI_CODE_OAUTH_HOST: "" }),
    said: new RegExp(`^error: Login: auth.kimi.com ${OFFLINE}`, "m"),
    through: ["unshare", "--net"],
  },
};

async function canRun([program = "", ...args]: readonly string[]): Promise<boolean> {
  try {
    return (await runProcess(program, { args: [...args, "true"], timeout: 10_000 })).code === 0;
  } catch {
    return false;
  }
}

type Arguments = (home: Home) => readonly string[];

const runtimes: (readonly [name: string, path: string, args: Arguments])[] = [
  ["Deno", Deno.execPath(), (home) => {
    const kimi = { url: "http://127.0.0.1", apiBase: "http://127.0.0.1" };
    const hosts = "--allow-net=auth.kimi.com,auth.kimi.invalid,127.0.0.1";
    const [, ...flags] = denoArguments(login, [], { home, kimi });
    return ["run", hosts, ...flags.filter((flag) => !flag.startsWith("--allow-net"))];
  }],
];
for (const { name, path } of RUNTIMES) {
  const found = await path();
  if (found !== undefined) runtimes.push([name, found, () => [program.path, "login"]]);
}

for (const [what, { variables, said, concerns, through = [] }] of Object.entries(WAYS)) {
  const isPossible = through.length === 0 || await canRun(through);
  const skipped = isPossible ? "" : ` (skipped: ${through.join(" ")} is not allowed here)`;
  Deno.test({
    name: `login reports ${what} under each runtime and writes nothing${skipped}`,
    ignore: !isPossible,
    async fn(t) {
      await using home = await makeHome();
      await using servers = await startServers(home.path);
      const env = variables(servers);
      for (const [name, path, args] of runtimes) {
        if (concerns?.(name) === false) continue;
        await t.step({
          name: env === undefined ? `${name} (skipped: openssl made no certificate)` : name,
          ignore: env === undefined,
          async fn() {
            const [command = "", ...rest] = [...through, path, ...args(home)];
            const { code, stdout, stderr } = await runProcess(command, {
              args: rest,
              env: environmentOf({ home, env: env ?? {} }),
              cwd: ROOT,
              timeout: 60_000,
            });
            assertMatch(stderr, said);
            assertEquals([code, stdout, await home.readAuth()], [1, "", undefined]);
          },
        });
      }
    },
  });
}
