/** What opencode itself says at the login that many type, as the README quotes it. */

import { assert, assertStringIncludes } from "@std/assert";
import { codeSpans, readMarkdown, section, tableRows } from "../support/markdown.ts";
import { openOpencode } from "../support/opencode/opencode.ts";

Deno.test("opencode 1.18.33 takes a bare provider id for a URL, and says the README's words", async () => {
  const rows = tableRows(section(readMarkdown("README.md"), "Troubleshooting"));
  const own = rows.filter(([, why]) => why === "opencode's own message");
  assert(own.length === 1, "the README quotes one message of opencode");
  await using opencode = await openOpencode({ version: "1.18.33", config: {} });
  const { stdout, stderr } = await opencode.command(["auth", "login", "kimi-for-coding-oauth"]);
  assertStringIncludes(stdout + stderr, codeSpans(own[0]?.[0] ?? "")[0] ?? "nothing");
});
