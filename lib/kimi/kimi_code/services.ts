/** How kimi-code 2.1.0 asks for searches and pages, and uploads videos. */

import type { ServiceForm } from "../services/form.ts";

export const KIMI_CODE_SERVICES: ServiceForm = {
  search: ({ query }) => JSON.stringify({ text_query: query }),
  page: (url) => JSON.stringify({ url }),
  uploadFields: ["file", "purpose"],
  headers: (callId) => ({ "X-Msh-Tool-Call-Id": callId.replace(/[^\x20-\x7e]/g, "") }),
};
