/**
 * Gives messages the shape that the service knows. opencode's own are always in it; programs that make
 * messages themselves, and other plugins, may hand over anything.
 */

import { isObject, type JsonObject, printable } from "../../util/json.ts";

const ROLES: ReadonlySet<unknown> = new Set(["system", "user", "assistant", "tool"]);

/** Parts that hold a URL in a member named like their type. */
const MEDIA: ReadonlySet<unknown> = new Set(["image_url", "audio_url", "video_url"]);

/**
 * Shapes a message; `undefined` if there is nothing in it to send. A message in the known shape is
 * returned as it is.
 */
export function shapeMessage(message: unknown, notes: Set<string>): JsonObject | undefined {
  if (!isObject(message)) {
    notes.add("what is not a message was left out");
    return undefined;
  }
  if (typeof message.content === "string" && ROLES.has(message.role)) return message;
  const role = roleOf(message.role);
  const content = shapeContent(message.content, notes);
  if (role !== message.role) {
    notes.add(`a message of the role "${printable(message.role)}" was sent as one of the ${role}`);
  }
  return role === message.role && content === message.content
    ? message
    : { ...message, role, content };
}

/** OpenAI's newer name for the system is the only role with a like. */
function roleOf(role: unknown): unknown {
  if (ROLES.has(role)) return role;
  return role === "developer" ? "system" : "user";
}

function shapeContent(content: unknown, notes: Set<string>): unknown {
  if (content === undefined || content === null || typeof content === "string") return content;
  if (!Array.isArray(content)) return shapeContent([content], notes);
  if (content.every(isPart)) return content;
  return content.flatMap((part) => isPart(part) ? [part] : shapePart(part, notes));
}

function isPart(part: unknown): boolean {
  if (!isObject(part)) return false;
  if (part.type === "text") return typeof part.text === "string";
  const media = MEDIA.has(part.type) ? part[String(part.type)] : undefined;
  return isObject(media) && typeof media.url === "string";
}

/** What says nothing is left out; a line stands for a part that the service does not know. */
function shapePart(part: unknown, notes: Set<string>): readonly JsonObject[] {
  if (typeof part === "string") return [{ type: "text", text: part }];
  const type = isObject(part) ? printable(part.type) : "";
  const line = `a message part of the type "${type}" was left out: Kimi does not know it`;
  notes.add(line);
  return type === "" || type === "text" ? [] : [{ type: "text", text: `[${line}]` }];
}
