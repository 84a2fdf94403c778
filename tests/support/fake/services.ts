import { apiError, type FakeAnswer, type FakeRequest, headerValues, json } from "./http.ts";
import { isObject, type Json, objects } from "./rules/body.ts";

/** Kinds of requests that are answered here. */
export const SERVICE_KINDS = ["search", "fetch", "files"] as const;

/** One of {@linkcode SERVICE_KINDS}. */
export type ServiceKind = typeof SERVICE_KINDS[number];

const RESULTS = [
  {
    title: "Kimi Code",
    url: "https://www.kimi.com/code",
    date: "2026-11-01",
    site_name: "Kimi",
    snippet: "The plan for coding agents.",
    content: "",
  },
  { title: "opencode", url: "https://opencode.ai/", date: "", site_name: "", snippet: "An agent." },
];

const PAGE = "# The fake page\n\nIts text.\n";

/** The types of files that are taken. */
const VIDEO_TYPES = new Set([
  "video/mp4",
  "video/quicktime",
  "video/webm",
  "video/x-matroska",
  "video/x-msvideo",
  "video/x-flv",
  "video/x-ms-wmv",
  "video/x-m4v",
  "video/3gpp",
  "video/3gpp2",
]);

function refuse(message: string): FakeAnswer {
  return apiError(400, "invalid_request_error", `Invalid request: ${message}`);
}

/** A problem of the headers that both clients send with a call of a tool. */
function headerProblem(request: FakeRequest, accept: string): string | undefined {
  const one = (name: string) => headerValues(request, name).join();
  if (one("Content-Type") !== "application/json") return "Content-Type is not application/json";
  if (one("Accept") !== accept) return `Accept is not ${accept}`;
  const isClient = one("X-Msh-Platform") !== "";
  if (isClient !== (one("X-Msh-Tool-Call-Id") !== "")) return "X-Msh-Tool-Call-Id";
  return undefined;
}

function keysProblem(body: unknown, keys: readonly string[]): string | undefined {
  const given = isObject(body) ? Object.keys(body).join() : "no object";
  return given === keys.join() ? undefined : `keys ${given}`;
}

/** The keys of a search by platform, in the clients' order. */
const SEARCH_KEYS: Readonly<Record<string, readonly string[]>> = {
  kimi_code_cli: ["text_query"],
};
const KIMI_CLI_KEYS = ["text_query", "limit", "enable_page_crawling", "timeout_seconds"];

function search(request: FakeRequest, body: unknown): FakeAnswer {
  const platform = headerValues(request, "X-Msh-Platform").join();
  const keys = SEARCH_KEYS[platform] ?? KIMI_CLI_KEYS;
  const problem = headerProblem(request, "*/*") ?? keysProblem(body, keys);
  if (problem !== undefined) return refuse(problem);
  const { text_query, limit = 5, enable_page_crawling = false } = isObject(body) ? body : {};
  if (typeof text_query !== "string" || text_query === "") return refuse("text_query");
  if (typeof limit !== "number" || !(limit >= 1 && limit <= 20)) return refuse("limit");
  if (typeof enable_page_crawling !== "boolean") return refuse("enable_page_crawling");
  const results = RESULTS.slice(0, limit).map((result) => ({
    ...result,
    ...(enable_page_crawling ? { content: `Text of ${result.url}` } : {}),
  }));
  return json(200, { search_results: text_query === "nothing" ? [] : results });
}

function fetched(request: FakeRequest, body: unknown): FakeAnswer {
  const problem = headerProblem(request, "text/markdown") ?? keysProblem(body, ["url"]);
  if (problem !== undefined) return refuse(problem);
  const url = isObject(body) ? body.url : undefined;
  if (typeof url !== "string" || !/^https?:/.test(url)) return refuse("url");
  return { status: 200, headers: { "Content-Type": "text/markdown; charset=utf-8" }, body: PAGE };
}

/** The fields of a multipart body: `name`, file name and type, content as Latin-1. */
function fieldsOf(request: FakeRequest): readonly (readonly string[])[] {
  const [, boundary] = /boundary="?([^";]+)/.exec(headerValues(request, "Content-Type").join()) ??
    [];
  if (boundary === undefined) return [];
  const text = new TextDecoder("latin1").decode(request.bytes);
  return text.split(`--${boundary}`).slice(1, -1).map((part) => {
    const [head = "", ...rest] = part.split("\r\n\r\n");
    const value = (pattern: RegExp) => pattern.exec(head)?.[1] ?? "";
    const content = rest.join("\r\n\r\n").replace(/\r\n$/, "");
    return [value(/ name="([^"]*)"/), value(/filename="([^"]*)"/), value(/Type: (\S+)/i), content];
  });
}

function upload(request: FakeRequest, newId: () => string): FakeAnswer {
  const fields = fieldsOf(request);
  const purpose = fields.find(([name]) => name === "purpose")?.[3];
  const file = fields.find(([name]) => name === "file");
  if (fields.length !== 2 || file === undefined) return refuse("not the two fields purpose, file");
  if (purpose !== "video") return refuse(`purpose ${purpose}`);
  const [, filename = "", type = "", content = ""] = file;
  if (!/^upload\.\w+$/.test(filename)) return refuse(`file name ${filename}`);
  if (!VIDEO_TYPES.has(type)) return refuse(`type ${type}`);
  if (content === "") return refuse("the file is empty");
  return json(200, { id: newId(), object: "file", bytes: content.length, purpose, filename });
}

/** Answers searches, page fetches and uploads, and knows the files that were uploaded. */
export function createServices() {
  const files = new Set<string>();
  const newId = () => {
    const id = `file-fake-${files.size + 1}`;
    files.add(id);
    return id;
  };
  return {
    /** Refuses a chat with a video that was not uploaded here, or in another form than the clients'. */
    refuseVideos(body: Json): FakeAnswer | undefined {
      const contents = objects(body.messages).flatMap(({ content }) => objects(content));
      for (const { type, video_url } of contents) {
        if (type !== "video_url") continue;
        const { url, id } = isObject(video_url) ? video_url : {};
        const file = typeof url === "string" ? url.replace(/^ms:\/\//, "") : "";
        if (!files.has(file)) return refuse(`unknown video ${file}`);
        if (id !== null && id !== file) return refuse(`video id ${id}`);
      }
      return undefined;
    },
    answer(request: FakeRequest): FakeAnswer {
      if (request.kind === "files") return upload(request, newId);
      let body: unknown;
      try {
        body = JSON.parse(request.text);
      } catch {
        return refuse("body is not valid JSON");
      }
      return request.kind === "search" ? search(request, body) : fetched(request, body);
    },
  };
}
