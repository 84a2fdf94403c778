/**
 * A process whose plugin loses `rest.js` while it runs, as happens where it is upgraded: before the
 * loader is called, or after that. Prints what came of a request that needs a refresh, of a login,
 * and of the log. For Node: Deno reads what is imported dynamically ahead of time.
 *
 * @module
 */
import { unlink } from "node:fs/promises";
import { createServer } from "node:http";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [dist, when] = process.argv.slice(2);
const logged = [];
let refreshes = 0;
let modelsAsked;
const asked = new Promise((resolve) => modelsAsked = resolve);

const server = createServer(({ url, headers }, response) => {
  const answer = (status, body) => response.writeHead(status).end(JSON.stringify(body));
  if (url.endsWith("/models")) {
    modelsAsked();
    answer(200, { data: [] });
  } else if (url.endsWith("/token")) {
    refreshes++;
    answer(200, { access_token: "a1", refresh_token: "r1", expires_in: 900 });
  } else if (url.endsWith("/device_authorization")) answer(404, {});
  else answer(headers.authorization === "Bearer a1" ? 200 : 401, {});
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;
process.env.KIMI_CODE_OAUTH_HOST = base;

let entry = {
  type: "oauth",
  access: "a0",
  refresh: "r0",
  expires: Date.now() + 900_000,
  enterpriseUrl: `${base} ${base}/v1`,
};
const client = {
  auth: { set: ({ body }) => Promise.resolve(void (entry = body)) },
  app: { log: ({ body }) => Promise.resolve(void logged.push(body)) },
};

const { default: plugin } = await import(pathToFileURL(`${dist}/server.js`).href);
const hooks = await plugin.server({ client });
await hooks.config({});
if (when === "before") {
  await Promise.all(["rest.js", "chat.js"].map((name) => unlink(`${dist}/${name}`)));
}
const { fetch } = await hooks.auth.loader(() => Promise.resolve(entry));
if (when === "after") {
  await asked;
  await Promise.all(["rest.js", "chat.js"].map((name) => unlink(`${dist}/${name}`)));
}
const body = JSON.stringify({ model: "kimi-for-coding", messages: [] });
const answer = await fetch(`${base}/v1/chat/completions`, { method: "POST", body });
const said = await answer.text();
const login = await hooks.auth.methods[0].authorize().then(() => "started", String);
const { status } = answer;
process.stdout.write(
  JSON.stringify({ status, said, refreshes, refresh: entry.refresh, login, logged }),
);
server.close();
server.closeAllConnections();
