/** What others import, frozen: a change here is a change for them. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { VERSION } from "../lib/kimi/identity/constants.ts";
import { filesBelow, ROOT } from "./support/source.ts";

/** The values and types of each entry of the library. */
const EXPORTS: Readonly<Record<string, readonly [values: string, types: string]>> = {
  "mod.ts": [
    `
  createKimi credentialFromTokens fromAuthEntry identityHeaders KIMI_CLI_VERSION KimiError KNOWN_MODELS
  memoryStore REGIONS toAuthEntry VERSION
`,
    `
  AuthEntry Booster ClientName Credential Device DeviceFacts Hosts Kimi KimiEnvironment KimiErrorCode
  KimiLoginOptions KimiOptions Lease LoginStore LogLevel Model ModelAbilities Region
  ThinkingType TokenSet Usage UsageWindow Variables Verification
`,
  ],
  "lib/runtime/mod.ts": [
    "authJsonStore memoryStore systemEnvironment",
    `
  CacheFile Credential Device DeviceFacts Environment Hosts KimiEnvironment Lease Lock LoginStore
  LogLevel SharedFile Variables
`,
  ],
  "lib/client/protocol.ts": [
    `
  DEFAULT_SCOPE KIMI_CLI_VERSION KNOWN_MODELS KimiError MAX_TOOLS REGIONS THINKING_EFFORTS VERSION asciiHeaderValue chatBody chosenEffort completeToolSchema completionTokens convertTool createChat credentialFromTokens deviceAuthorizationRequest deviceModel deviceTokenRequest effortFields estimateTokens fittingEffort fromAuthEntry identityHeaders memoryStore needsRefresh parseModels parseUsage readDeviceAuthorization readDeviceToken readEnvSettings readFailure readRefreshedToken readAnswer refreshTokenRequest resolveHosts startDeviceLogin textSize toAuthEntry
`,
    `
  AnswerHandlers AnsweredConversation ApiError AuthEntry BodyContext Booster CacheFile Chat ChatBody ChatEnvironment ChatModel
  ChatOptions ChatTokens ClientName CompletionInput Conversation ConvertedTool Credential Device
  DeviceAuthorization DeviceFacts EffortFields EnvSettings Environment Failure FailureContext FailureKind FetchEnvironment HostWords Hosts IdleTimeout JsonObject KeptForChat KimiEnvironment KimiErrorCode Lease Lock LogLevel LoginEnvironment LoginOptions LoginStore Model ModelAbilities OAuthTarget PendingLogin PollResult Region SharedFile Spelled Spellings TextSize Thinking ThinkingType TokenManager TokenSet Usage UsageWindow Variables
`,
  ],
};

/** More than this is not a face any more. */
const MAX_EXPORTS = 45;

const SERVER_TYPES = `
  AuthEntry AuthMethod AuthorizeResult ChatMessageOutput ChatParamsInput ChatParamsOutput Config Hooks MessagePart OpencodeClient
  Notice PluginInput PluginModule StoredMessage Tool ToolAfterInput ToolContext TransformOutput
`;

const TUI_TYPES = "TuiApi TuiCommand TuiLayerCommand TuiPluginModule";

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/).sort();
}

function read(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

/** Names of the types that a module exports. */
function typesOf(path: string): readonly string[] {
  const code = read(path).replace(/\/\*\*[\s\S]*?\*\//g, "");
  const listed = [...code.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, only, names = ""]) =>
    names.split(",").map((name) => name.trim()).filter((name) => name !== "")
      .map((name) => only === undefined ? name : `type ${name}`)
  );
  const declared = [...code.matchAll(/^export (?:interface|type) (\w+)/gm)]
    .map(([, name = ""]) => `type ${name}`);
  const own = [...listed, ...declared].filter((name) => name.startsWith("type "))
    .map((name) => name.slice("type ".length));
  const others = [...code.matchAll(/^export type \* from "(.+)";/gm)]
    .flatMap(([, from = ""]) => typesOf(join(path, "..", from)));
  return [...own, ...others].sort();
}

for (const [path, [values, types]] of Object.entries(EXPORTS)) {
  Deno.test(`${path} exports these values`, async () => {
    assertEquals(Object.keys(await import(`../${path}`)).sort(), words(values));
  });

  Deno.test(`${path} exports these types`, () => {
    assertEquals(typesOf(path), words(types));
  });

  Deno.test(`${path} is nothing but re-exports by name`, () => {
    const code = read(path).replace(/\/\*\*[\s\S]*?\*\//g, "");
    const rest = code.replace(/export (?:type )?\{[^{}*]*\} from "\.\.?\/[a-z_/.]+\.ts";/g, "");
    assertEquals(rest.trim(), "");
  });
}

Deno.test("mod.ts exports at most 45 names", () => {
  const [values = "", types = ""] = EXPORTS["mod.ts"] ?? [];
  const { length } = [...words(values), ...words(types)];
  assert(length <= MAX_EXPORTS, String(length));
});

Deno.test("server.ts exports a default with id and server, and types", async () => {
  const module = await import("../lib/opencode/server.ts");
  assertEquals(Object.keys(module), ["default"]);
  assertEquals(Object.keys(module.default).sort(), ["id", "server", "setup"]);
  assertEquals(typesOf("lib/opencode/server.ts"), words(SERVER_TYPES));
});

Deno.test("tui.ts exports a default with id and tui, and types", async () => {
  const module = await import("../lib/opencode/tui.ts");
  assertEquals(Object.keys(module), ["default"]);
  // opencode refuses a module that has both server and tui.
  assertEquals(Object.keys(module.default).sort(), ["id", "setup", "tui"]);
  assertEquals(typesOf("lib/opencode/tui.ts"), words(TUI_TYPES));
});

Deno.test("deno.json has the name, the licence and the entries", () => {
  const { name, license, exports } = JSON.parse(read("deno.json"));
  assertEquals([name, license], ["@kimi/full", "MIT"]);
  assertEquals(exports, {
    ".": "./mod.ts",
    "./runtime": "./lib/runtime/mod.ts",
    "./protocol": "./lib/client/protocol.ts",
    "./server": "./lib/opencode/server.ts",
    "./login": "./lib/cli/login/login.ts",
    "./doctor": "./lib/cli/doctor/doctor.ts",
    "./usage": "./lib/cli/usage/usage.ts",
  });
});

Deno.test("npm/package.json has the name, the licence, the entries and no dependency", () => {
  const manifest = JSON.parse(read("npm/package.json"));
  assertEquals([manifest.name, manifest.license], ["opencode-kimi-full", "MIT"]);
  const entries = [".", "./runtime", "./protocol", "./server", "./tui", "./package.json"];
  assertEquals(Object.keys(manifest.exports), entries);
  assertEquals(manifest.main, manifest.exports["./server"].default, "opencode reads both");
  assertEquals(manifest.bin, { "opencode-kimi-full": "dist/bin.js" });
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) {
    assertEquals(manifest[kind], undefined);
  }
});

Deno.test("the version is the same in all files", async () => {
  assertMatch(VERSION, /^\d+\.\d+\.\d+$/);
  assertEquals(JSON.parse(read("deno.json")).version, VERSION);
  assertEquals(JSON.parse(read("npm/package.json")).version, VERSION);
  const { USER_AGENTS } = await import("../lib/kimi/identity/constants.ts");
  assertEquals(USER_AGENTS.opencode, `opencode-kimi-full/${VERSION}`);
  const headings = read("CHANGELOG.md").match(/^## .+$/gm) ?? [];
  const latest = headings.find((heading) => !/unreleased/i.test(heading)) ?? "";
  assertStringIncludes(latest, VERSION, "the latest version of CHANGELOG.md");
});

/** Notes each timer, request and new global; without a permission, each file and variable throws. */
const WATCHER = `
  const done = [];
  for (const name of ["setTimeout", "setInterval", "queueMicrotask", "fetch", "addEventListener"]) {
    const original = globalThis[name];
    globalThis[name] = (...given) => { done.push(name); return original(...given); };
  }
  const globals = () => Object.entries(Object.getOwnPropertyDescriptors(globalThis))
    .map(([name, { value }]) => [name, value]);
  const known = new Map(globals());
  const prototypes = [Object, Array, String, Promise, Response, Request, Headers, Error, Map];
  const members = () => prototypes.map(({ prototype }) => Reflect.ownKeys(prototype).length).join();
  const before = members();
`;

const REPORT = `
  for (const [name, value] of globals()) {
    if (!known.has(name) || !Object.is(known.get(name), value)) done.push("global " + name);
  }
  if (members() !== before) done.push("a prototype");
  console.log(JSON.stringify(done));
`;

Deno.test("importing any module of the library does nothing", async () => {
  const modules = ["mod.ts", ...filesBelow("lib")].map((path) => toFileUrl(join(ROOT, path)).href);
  assert(modules.length > 30);
  const imports = modules.map((module) => `await import(${JSON.stringify(module)});`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--config", "deno.json", "--no-lock", "--quiet", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode([WATCHER, ...imports, REPORT].join("\n")));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), []);
});
