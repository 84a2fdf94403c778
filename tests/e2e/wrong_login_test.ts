/** opencode's own message for the login command that many type, as docs/troubleshooting.md quotes it. */

import { assert, assertStringIncludes } from "@std/assert";
import { codeSpans, readMarkdown, tableRows } from "../support/markdown.ts";
import { openOpencode } from "../support/opencode/opencode.ts";

Deno.test("opencode 1.18.33 reads a bare provider id as a URL and prints the quoted message", async () => {
  const rows = tableRows(readMarkdown("docs/troubleshooting.md"));
  const own = rows.filter(([, why, fix]) =>
    why === "opencode's own message" && fix?.includes("`-p`")
  );
  assert(own.length === 1, "one message of opencode is about the login");
  await using opencode = await openOpencode({ version: "1.18.33", config: {} });
  const { stdout, stderr } = await opencode.command(["auth", "login", "kimi-for-coding-oauth"]);
  assertStringIncludes(stdout + stderr, codeSpans(own[0]?.[0] ?? "")[0] ?? "nothing");
});
