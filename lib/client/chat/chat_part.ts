/** What a chat needs and a start does not: bodies and answers. */

export { CHAT_BODIES } from "../../kimi/clients/chat_bodies.ts";
export { passOn } from "./answer.ts";
export { createPendingBodies } from "./pending_bodies.ts";
