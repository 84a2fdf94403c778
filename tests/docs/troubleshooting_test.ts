/** Each message of docs/troubleshooting.md is one that the software prints, and the other way round. */

import { fileProblem } from "../../lib/kimi/errors/file_problem.ts";
import { assertEquals } from "@std/assert";
import { createIdleTimeout } from "../../lib/client/chat/idle_timeout.ts";
import { importOr } from "../../lib/client/net/lazy_import.ts";
import { createRefreshMemory } from "../../lib/client/tokens/login_store.ts";
import {
  createAuthJsonStore,
  createAuthJsonTokens,
  readAuthFile,
} from "../../lib/client/auth_json/store.ts";
import { explainDenial } from "../../lib/cli/shared/deno_permissions.ts";
import { messageOf } from "../../lib/kimi/errors/kimi_error.ts";
import { isObject, type JsonObject, parseObject } from "../../lib/kimi/util/json.ts";
import { readDeviceId } from "../../lib/runtime/device/device_id.ts";
import { events } from "../client/chat/fixtures.ts";
import { type Answer, fakeEnvironment } from "../support/environment.ts";
import { codeSpans, readMarkdown, tableRows } from "../support/markdown.ts";
import {
  ask,
  body,
  configured,
  oauthEntry,
  type Plugin,
  plugin,
  sdkPart,
  settled,
  started,
} from "../opencode/v1/fixtures.ts";

const PAGE = readMarkdown("docs/troubleshooting.md");

const OFFLINE: Answer = () => Promise.reject(new TypeError("EAI_AGAIN"));

/** What opencode shows of a question: the message of the error answer, or of what was thrown. */
async function shown(made: Plugin, given = body()): Promise<string> {
  const entry = await configured(made);
  const isLoggedIn = made.opencode.entry !== undefined;
  const sdk = isLoggedIn ? await started(made) : sdkPart(entry.options);
  try {
    const error = parseObject(await (await ask(sdk, given)).text())?.error;
    return isObject(error) ? String(error.message) : "";
  } catch (error) {
    return messageOf(error);
  }
}

/** What opencode shows where Kimi answers a question so. */
function answered(status: number, message: string): Promise<string> {
  const answer = () => Response.json({ error: { message, type: "some_error" } }, { status });
  return shown(plugin({ answer }));
}

/** What opencode shows of a login that Kimi answers so. */
async function loginFailure(answer: Answer, variables = {}): Promise<string> {
  const made = plugin({ answer, variables });
  const [method] = made.hooks.auth.methods;
  return await thrown(async () => await (await method?.authorize())?.callback());
}

const thrown = (work: () => Promise<unknown>) => work().then(() => "", messageOf);

function polled(error: string): Answer {
  const authorization = {
    device_code: "d",
    user_code: "ABCD-1234",
    verification_uri: "https://www.kimi.com/code",
    expires_in: 900,
  };
  return ({ url }) =>
    url.endsWith("device_authorization")
      ? Response.json(authorization)
      : Response.json({ error }, { status: 400 });
}

function logged(made: Plugin): Promise<string> {
  return Promise.resolve(made.environment.logs.join("\n").replace(/^warn: /, ""));
}

const file = { path: "/home/u/.local/share/opencode/auth.json" };
const denied = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
const EVENTS = "text/event-stream";
const portal = () => new Response("<!doctype html>", { headers: { "Content-Type": "text/html" } });
const tool = { type: "function", function: { name: "t", parameters: {} } };

/** An image, of so many times 100 MB. */
function image(type: string, size = 0) {
  const data = "A".repeat(size * 100 * 1024 * 1024);
  return { type: "image_url", image_url: { url: `data:image/${type};base64,iVBORw0KGgo${data}` } };
}

/** What the log says of a body. */
async function noted(changes: JsonObject): Promise<string> {
  const made = plugin();
  sdkPart((await configured(made)).options).transformRequestBody(body(changes));
  return await logged(made);
}

/** Has the software say each message. */
const SAID: Readonly<Record<string, () => Promise<string>>> = {
  "no login": () => shown(plugin({ entry: undefined })),
  "a rejected login": () => answered(401, "no"),
  "a refused account": () => {
    const oauth = () =>
      Response.json({ access_token: "SECRET-a1", refresh_token: "SECRET-r1", expires_in: 900 });
    const refused = () => Response.json({ error: { message: "no" } }, { status: 401 });
    return shown(plugin({ answer: ({ url }) => url.includes("/oauth/") ? oauth() : refused() }));
  },
  "a refused identity": () => answered(403, "only available for Coding Agents"),
  "an identity that is refused later": async () => {
    const message = "only available for Coding Agents";
    const refused = () => Response.json({ error: { message } }, { status: 403 });
    let asked = 0;
    const isFirst = (url: string) => url.endsWith("/chat/completions") && asked++ === 0;
    const made = plugin({ answer: ({ url }) => isFirst(url) ? new Response("{}") : refused() });
    await shown(made);
    return await shown(made);
  },
  "an account without balance": () => answered(429, "Insufficient balance"),
  "a closed account": () => answered(403, "access terminated."),
  "a refusal without a known reason": () => answered(403, "your access was limited"),
  "no plan": () => answered(402, "no membership"),
  "no quota": () => answered(403, "usage limit reached"),
  "too many requests": () => answered(429, "slow down"),
  "an overload": () => answered(429, "engine overloaded"),
  "a failure of the service": () => answered(500, "internal"),
  "a long conversation": () => answered(400, "exceeded model token limit"),
  "a refused request": () => answered(400, "invalid"),
  "a risky request": () => answered(400, "considered high risk"),
  "a filtered answer": () =>
    shown(plugin({ answer: () => events('{"choices":[{"finish_reason":"content_filter"}]}') })),
  "an unknown model": () => answered(404, "not found"),
  "too many tools": () => shown(plugin(), body({ tools: Array.from({ length: 129 }, () => tool) })),
  "a tool that cannot be repaired": () => {
    const parameters = { description: "x".repeat(120_001) };
    return shown(plugin(), body({ tools: [{ ...tool, function: { name: "t", parameters } }] }));
  },
  "a host that was set since": () =>
    shown(plugin({ variables: { KIMI_CODE_BASE_URL: "https://kimi.example" } })),
  "a host of the other region": () =>
    shown(plugin({ variables: { KIMI_CODE_BASE_URL: "https://api.kimi.ai/coding/v1" } })),
  "large images": () =>
    shown(plugin(), body({ messages: [{ role: "user", content: [image("png", 1)] }] })),
  "much text": () =>
    shown(plugin(), body({ messages: [{ role: "user", content: "x".repeat(2 ** 21) }] })),
  "a large request": () => answered(413, ""),
  "a host without TLS": () =>
    shown(plugin({ variables: { KIMI_CODE_BASE_URL: "http://api.kimi.com" } })),
  "no way to refresh": () => shown(plugin({ entry: oauthEntry(0), answer: OFFLINE })),
  "a lost refresh": () =>
    shown(plugin({ entry: oauthEntry(0), answer: () => Promise.reject(new Error("reset")) })),
  "a login that cannot be kept": () =>
    thrown(async () => {
      const lock = () => Promise.reject(denied);
      const store = createAuthJsonStore(fakeEnvironment(), { ...sharedFile(""), lock });
      await store.withLease?.(() => Promise.resolve(), () => Promise.resolve(false));
    }),
  "a silent stream": () =>
    new Promise((resolve) => {
      const silence = createIdleTimeout({ alarm: (_, ring) => (queueMicrotask(ring), () => {}) });
      silence.start((error) => resolve(error.message));
      silence.wait();
    }),
  "an empty answer": () =>
    shown(plugin({ answer: () => new Response("", { headers: { "Content-Type": EVENTS } }) })),
  "an upgrade meanwhile": () =>
    thrown(() => importOr("Token refresh", Promise.reject(new Error("not found")))),
  "an offline login": () => loginFailure(OFFLINE),
  "a portal": () => loginFailure(portal),
  "a refused login": () => loginFailure(polled("access_denied")),
  "a late login": () => loginFailure(polled("expired_token")),
  "an OAuth host without TLS": () =>
    loginFailure(OFFLINE, { KIMI_CODE_OAUTH_HOST: "http://auth.kimi.com" }),
  "an unknown option": () => logged(plugin({ options: { clint: "opencode" } })),
  "a wrong option": () => logged(plugin({ options: { client: "kimi" } })),
  "more models": async () => {
    const made = plugin({ answer: () => Response.json({ data: [{ id: "k3" }] }) });
    await started(made);
    await settled();
    return made.environment.logs.join("\n").replace(/^info: /, "");
  },
  "another effort": () => noted({ model: "k3", reasoning_effort: "medium" }),
  "another image": () =>
    noted({
      messages: [{
        role: "user",
        content: [{
          type: "image_url",
          image_url: { url: "data:image/x-icon;base64,AAABAA==" },
        }],
      }],
    }),
  "a damaged list": async () => {
    const made = plugin({ options: { discover: true } });
    made.environment.kept.text = "{";
    await configured(made);
    return await logged(made);
  },
  "a wrong variable": async () => {
    const made = plugin({ variables: { KIMI_MODEL_TEMPERATURE: "hot" } });
    await configured(made);
    return await logged(made);
  },
  "an unusable device id": async () => (await readDeviceId("/dev/null")).problem ?? "",
  "a missing permission": () =>
    Promise.resolve(explainDenial({ flag: "--allow-net", target: "auth.kimi.com" }, [
      { flag: "--allow-net", value: "auth.kimi.com", why: "log in" },
    ])),
  "an unwritable file": () => Promise.resolve(fileProblem(file.path, "written", denied).message),
  "a lent login that has ended": () => {
    const content = JSON.stringify({ "kimi-for-coding-oauth": oauthEntry(0) });
    const environment = fakeEnvironment({ variables: { OPENCODE_AUTH_CONTENT: content } });
    return thrown(async () => {
      const { tokens } = await createAuthJsonTokens(environment, {
        client: "kimi-cli",
        memory: createRefreshMemory(),
      });
      await tokens.current();
    });
  },
  "a broken file": () => thrown(() => readAuthFile(sharedFile("not JSON"))),
};

function sharedFile(text: string) {
  const none = () => Promise.resolve(undefined);
  const read = () => Promise.resolve(text);
  return { ...file, read, replace: none, assertWritable: none, lock: none };
}

/** A message of the page as a pattern: `…` is what differs. */
function pattern(message: string): RegExp {
  return new RegExp(`^${message.split("…").map((part) => RegExp.escape(part)).join(".+")}$`, "s");
}

const MESSAGES = tableRows(PAGE, "message").filter(([, why]) => why !== "opencode's own message")
  .map(([message = ""]) => codeSpans(message).at(0) ?? message);

for (const [name, say] of Object.entries(SAID)) {
  Deno.test(`docs/troubleshooting.md has the message for ${name}`, async () => {
    const text = await say();
    assertEquals(MESSAGES.filter((message) => pattern(message).test(text)).length, 1, text);
  });
}

Deno.test("docs/troubleshooting.md has no message that the software does not print", async () => {
  const said = await Promise.all(Object.values(SAID).map((say) => say()));
  const unsaid = MESSAGES.filter((message) => !said.some((text) => pattern(message).test(text)));
  assertEquals(unsaid, []);
});
