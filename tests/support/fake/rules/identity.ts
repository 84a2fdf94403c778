import { KIMI_CLI_VERSION, KIMI_CODE_VERSION } from "../answers/defaults.ts";
import { apiError, type FakeAnswer, type FakeRequest, headerValues } from "../http.ts";
import type { FakeSettings } from "../types.ts";

const X_MSH = [
  "X-Msh-Platform",
  "X-Msh-Version",
  "X-Msh-Device-Name",
  "X-Msh-Device-Model",
  "X-Msh-Os-Version",
  "X-Msh-Device-Id",
];

// opencode sends them; they must not reach Kimi.
const FOREIGN = /^x-(session|parent|opencode)-/i;

// aiohttp adds it to kimi-cli's OAuth requests.
const AIOHTTP = /^Python\/[\d.]+ aiohttp\/[\d.]+$/;
const OPENCODE_PLUGIN = /^opencode-kimi-full\/\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

const REFUSAL = "Kimi For Coding is currently only available for Coding Agents such as " +
  "Kimi CLI, Claude Code, Roo Code, Kilo Code, etc.";

function only(request: FakeRequest, name: string): string {
  const values = headerValues(request, name);
  return values.length === 1 ? values[0] ?? "" : "";
}

function isForeign(request: FakeRequest): boolean {
  return request.headers.some(([name]) => FOREIGN.test(name)) ||
    headerValues(request, "User-Agent").some((value) => value.includes("opencode/"));
}

function isKimiCli(request: FakeRequest): boolean {
  const agent = only(request, "User-Agent");
  const known = agent === `KimiCLI/${KIMI_CLI_VERSION}` ||
    (request.kind !== "chat" && AIOHTTP.test(agent));
  return known && X_MSH.every((name) => only(request, name).trim() !== "") &&
    only(request, "X-Msh-Platform") === "kimi_cli" &&
    only(request, "X-Msh-Version") === KIMI_CLI_VERSION;
}

function isKimiCode(request: FakeRequest): boolean {
  return only(request, "User-Agent") === `kimi-code-cli/${KIMI_CODE_VERSION}` &&
    X_MSH.every((name) => only(request, name).trim() !== "") &&
    only(request, "X-Msh-Platform") === "kimi_code_cli" &&
    only(request, "X-Msh-Version") === KIMI_CODE_VERSION;
}

function isOpencodePlugin(request: FakeRequest): boolean {
  return OPENCODE_PLUGIN.test(only(request, "User-Agent")) &&
    !request.headers.some(([name]) => /^x-msh-/i.test(name));
}

const KNOWN = { "kimi-cli": isKimiCli, "kimi-code": isKimiCode, opencode: isOpencodePlugin };

/** A 403 for a client that is not the one `identity` names; undefined lets it pass. */
export function refuseIdentity(
  request: FakeRequest,
  identity: FakeSettings["identity"],
): FakeAnswer | undefined {
  if (identity === "any") return undefined;
  const gated = request.kind !== "models" && request.kind !== "usages";
  if (!isForeign(request) && (!gated || KNOWN[identity](request))) return undefined;
  return apiError(403, "access_terminated_error", REFUSAL);
}
